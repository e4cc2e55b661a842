import { isCollection, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { canonicalJson } from '../shared/digest.ts';
import { DataErrors } from './errors.ts';
import type { Proposal } from './proposal.ts';
import { parseDatasetSpec } from './spec-text.ts';
import { flowText } from './yaml-text.ts';

/**
 * A spec's YAML with the proposals in it. Nothing else of the text changes, not even a space: a library that prints the
 * whole document anew would make a diff of lines that nobody touched.
 * @throws DatasetSpecInvalid when the text is no spec, would be none, or is written in a way that cannot be edited
 */
export function applyProposals(text: string, proposals: readonly Proposal[]): string {
  const spec = parseDatasetSpec(text);
  const edited = proposals.reduce((before, proposal) => withProposal(before, proposal), text);
  const wanted = structuredClone(spec) as { columns: Record<string, object>; checks?: unknown[] };
  for (const proposal of proposals) {
    if ('check' in proposal) wanted.checks = [...(wanted.checks ?? []), proposal.check];
    else Object.assign(wanted.columns[proposal.column] as object, { [proposal.field]: proposal.value });
  }
  if (canonicalJson(parseDatasetSpec(edited)) === canonicalJson(wanted)) return edited;
  throw DataErrors.DatasetSpecInvalid('spec: is written in a way that the proposals cannot be put into');
}

function withProposal(text: string, proposal: Proposal): string {
  const { contents } = parseDocument(text, { schema: 'core' });
  if (!isMap(contents)) throw DataErrors.DatasetSpecInvalid('spec: expected fields by name');
  if ('check' in proposal) {
    const checks = contents.get('checks', true);
    if (isSeq(checks)) return withItem(text, checks, flowText(proposal.check));
    if (contents.flow) return withPair(text, contents, `checks: ${flowText([proposal.check])}`);
    const at = startOfSplit(text, contents);
    return insert(text, at, `checks:${lineEnd(text)}  - ${flowText(proposal.check)}${lineEnd(text)}`);
  }
  const { column, field, value } = proposal;
  const node = contents.getIn(['columns', column], true);
  if (!isMap(node))
    throw DataErrors.DatasetSpecInvalid(
      `spec: columns.${column}: is an alias; written out it can have rules of its own`,
    );
  const before = node.get(field, true) as Node | undefined;
  if (!before?.range) return withPair(text, node, `${field}: ${flowText(value)}`);
  if (isSeq(before) && Array.isArray(value))
    return value.slice(before.items.length).reduce((so, each) => {
      const list = parseDocument(so, { schema: 'core' }).getIn(['columns', column, field], true) as YAMLSeq;
      return withItem(so, list, flowText(each));
    }, text);
  return text.slice(0, before.range[0]) + flowText(value) + text.slice(before.range[1]);
}

const lineEnd = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');
const insert = (text: string, at: number, what: string) => text.slice(0, at) + what + text.slice(at);
const endOf = (node: unknown): number => (node as Node).range?.[1] ?? 0;

/** Where the line of the split begins, or of the comment right above it. */
function startOfSplit(text: string, contents: YAMLMap): number {
  const key = contents.items.find(({ key }) => isScalar(key) && key.value === 'split')?.key as Node;
  let at = key.range?.[0] ?? 0;
  for (;;) {
    const above = text.lastIndexOf('\n', at - 2) + 1;
    if (at === 0 || !text.slice(above, at).startsWith('#')) return at;
    at = above;
  }
}

function withItem(text: string, list: YAMLSeq, item: string): string {
  const last = list.items.at(-1) as Node | undefined;
  if (list.flow && !last) return insert(text, endOf(list) - 1, item);
  if (list.flow) return insert(text, endOf(last), `, ${item}`);
  return ofOwnLine(text, last as Node, `- ${item}`, list.range?.[0] ?? 0);
}

function withPair(text: string, map: YAMLMap, pair: string): string {
  const values = map.items.map(({ value }) => value as Node);
  if (map.flow) return insert(text, endOf(values.at(-1)), `, ${pair}`);
  // Behind the last value that ends on its line: what follows a block is not told from the block.
  const plain = values.filter((node) =>
    isScalar(node) ? !node.type?.startsWith('BLOCK') : isCollection(node) && node.flow,
  );
  return ofOwnLine(text, plain.at(-1) as Node, pair, map.range?.[0] ?? 0);
}

/** A line more behind that of `last`, as far in as the collection begins. */
function ofOwnLine(text: string, last: Node, what: string, begin: number): string {
  const indent = ' '.repeat(begin - (text.lastIndexOf('\n', begin - 1) + 1));
  // A block ends behind its last line, everything else on it.
  const inside = text[endOf(last) - 1] === '\n' ? endOf(last) - 1 : endOf(last);
  const end = text.indexOf('\n', inside);
  if (end < 0) return `${text}${lineEnd(text)}${indent}${what}`;
  return insert(text, end + 1, `${indent}${what}${lineEnd(text)}`);
}
