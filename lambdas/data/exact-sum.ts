/** A sum of doubles with what rounding took from it, so that the order of its terms does not show in its 53 bits. */
export class ExactSum {
  sum = 0;
  rest = 0;

  add(value: number): void {
    const sum = this.sum + value;
    const back = sum - this.sum;
    this.rest += this.sum - (sum - back) + (value - back);
    this.sum = sum;
  }

  get value(): number {
    return this.sum + this.rest;
  }
}
