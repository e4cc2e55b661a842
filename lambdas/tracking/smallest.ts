/**
 * The first `count` rows of a mask in an order, sorted. Few of many go through a heap that holds no more than they are,
 * so that most rows cost one comparison; else all are sorted.
 */
export function smallest(mask: Uint8Array, count: number, order: (a: number, b: number) => number): number[] {
  const heap: number[] = [];
  const large = count * 4 > mask.length;
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue;
    if (large) heap.push(row);
    else if (heap.length < count) rise(heap, row, order);
    else if (order(row, heap[0]!) < 0) sink(heap, row, order);
  }
  return heap.sort(order).slice(0, count);
}

/** Adds a row to a heap whose root is the last in the order. */
function rise(heap: number[], row: number, order: (a: number, b: number) => number): void {
  let at = heap.push(row) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (order(heap[parent]!, row) >= 0) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = row;
}

/** Puts a row in place of the root. */
function sink(heap: number[], row: number, order: (a: number, b: number) => number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && order(heap[child + 1]!, heap[child]!) > 0) child++;
    if (order(heap[child]!, row) <= 0) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = row;
}
