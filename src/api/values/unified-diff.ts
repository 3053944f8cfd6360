/**
 * The difference of two texts, as `diff -u` prints it without its two header lines. Matching blocks are found
 * as Python's difflib and Go's port of it find them, ignoring popular lines, so that the same lines are
 * shown. That search is at least quadratic: for texts that differ much it is ended early, and the output is
 * truncated.
 */

import { appendAll } from '#base/append-all.ts';

const contextLines = 3;
/** From this length on, a line that occurs in more than one of a hundred lines cannot start a block. */
const commonFrom = 200;
/**
 * Limit of line comparisons; beyond it only a common beginning and end are found. Ordinary pods need some
 * thousands.
 */
const maxComparisons = 500_000;
/** Lines of both texts together: longer texts are not searched at all. */
const maxLinesSearched = 50_000;
const maxLinesShown = 2000;

interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

interface Step {
  readonly tag: 'equal' | 'changed';
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const changes = hunks(steps(matchingBlocks(a, b), a.length, b.length));
  return shown(changes.flatMap((hunk) => hunkLines(hunk, a, b)));
}

function shown(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const more = lines.length - maxLinesShown;
  const end = more > 0 ? [`... (${more} more lines)`] : [];
  return `${[...lines.slice(0, maxLinesShown), ...end].join('\n')}\n`;
}

function hunkLines(hunk: readonly Step[], a: readonly string[], b: readonly string[]): string[] {
  const [first, last] = [hunk[0]!, hunk.at(-1)!];
  const lines = [`@@ -${rangeText(first.a, last.aEnd)} +${rangeText(first.b, last.bEnd)} @@`];
  for (const step of hunk) {
    if (step.tag === 'equal') {
      appendAll(
        lines,
        a.slice(step.a, step.aEnd).map((line) => ` ${line}`),
      );
    } else {
      appendAll(
        lines,
        a.slice(step.a, step.aEnd).map((line) => `-${line}`),
      );
      appendAll(
        lines,
        b.slice(step.b, step.bEnd).map((line) => `+${line}`),
      );
    }
  }
  return lines;
}

function rangeText(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

/** Changes with their context lines; lines between distant changes are omitted. */
function hunks(all: Step[]): Step[][] {
  const steps = [...all];
  const [first, last] = [steps[0], steps.at(-1)];
  if (first?.tag === 'equal') steps[0] = tailOf(first, contextLines);
  if (last?.tag === 'equal' && steps.length > 1) steps[steps.length - 1] = headOf(last, contextLines);
  const result: Step[][] = [];
  let current: Step[] = [];
  for (const step of steps) {
    if (step.tag === 'equal' && step.aEnd - step.a > 2 * contextLines) {
      result.push([...current, headOf(step, contextLines)]);
      current = [tailOf(step, contextLines)];
    } else current.push(step);
  }
  result.push(current);
  return result.filter((hunk) => hunk.some((step) => step.tag === 'changed'));
}

function headOf(step: Step, count: number): Step {
  return { ...step, aEnd: Math.min(step.aEnd, step.a + count), bEnd: Math.min(step.bEnd, step.b + count) };
}

function tailOf(step: Step, count: number): Step {
  return { ...step, a: Math.max(step.a, step.aEnd - count), b: Math.max(step.b, step.bEnd - count) };
}

function steps(blocks: readonly Block[], aLength: number, bLength: number): Step[] {
  const result: Step[] = [];
  let [a, b] = [0, 0];
  for (const block of [...blocks, { a: aLength, b: bLength, size: 0 }]) {
    if (a < block.a || b < block.b) result.push({ tag: 'changed', a, aEnd: block.a, b, bEnd: block.b });
    [a, b] = [block.a + block.size, block.b + block.size];
    if (block.size > 0) result.push({ tag: 'equal', a: block.a, aEnd: a, b: block.b, bEnd: b });
  }
  return result;
}

/** The longest block first, then recursively left and right of it; adjacent blocks are joined. */
function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const isSearched = a.length + b.length <= maxLinesSearched;
  const places: ReadonlyMap<string, number[]> = isSearched ? placesOf(b) : new Map();
  const found: Block[] = [];
  const queue = [{ aLow: 0, aHigh: a.length, bLow: 0, bHigh: b.length }];
  const budget = { comparisons: isSearched ? maxComparisons : 0 };
  for (let range = queue.pop(); range; range = queue.pop()) {
    if (budget.comparisons <= 0) {
      appendAll(found, outerBlocks(a, b, range));
      continue;
    }
    const block = longestBlock(a, b, places, range, budget);
    if (block.size === 0) continue;
    found.push(block);
    queue.push({ ...range, aLow: block.a + block.size, bLow: block.b + block.size });
    queue.push({ ...range, aHigh: block.a, bHigh: block.b });
  }
  return joined(found.sort((x, y) => x.a - y.a));
}

/** The common beginning and end of both ranges. */
function outerBlocks(a: readonly string[], b: readonly string[], range: Range): Block[] {
  const { aLow, aHigh, bLow, bHigh } = range;
  const shorter = Math.min(aHigh - aLow, bHigh - bLow);
  let head = 0;
  while (head < shorter && a[aLow + head] === b[bLow + head]) head++;
  let tail = 0;
  while (head + tail < shorter && a[aHigh - 1 - tail] === b[bHigh - 1 - tail]) tail++;
  const blocks = [
    { a: aLow, b: bLow, size: head },
    { a: aHigh - tail, b: bHigh - tail, size: tail },
  ];
  return blocks.filter(({ size }) => size > 0);
}

function joined(blocks: readonly Block[]): Block[] {
  const result: Block[] = [];
  for (const block of blocks) {
    const last = result.at(-1);
    if (last && last.a + last.size === block.a && last.b + last.size === block.b) {
      result[result.length - 1] = { ...last, size: last.size + block.size };
    } else result.push(block);
  }
  return result;
}

function placesOf(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [i, line] of b.entries()) {
    const list = places.get(line);
    if (list) list.push(i);
    else places.set(line, [i]);
  }
  if (b.length < commonFrom) return places;
  const most = Math.floor(b.length / 100) + 1;
  for (const [line, list] of places) if (list.length > most) places.delete(line);
  return places;
}

interface Range {
  readonly aLow: number;
  readonly aHigh: number;
  readonly bLow: number;
  readonly bHigh: number;
}

function longestBlock(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, number[]>,
  { aLow, aHigh, bLow, bHigh }: Range,
  budget: { comparisons: number },
): Block {
  let best: Block = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh && budget.comparisons > 0; i++) {
    budget.comparisons--;
    const next = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      budget.comparisons--;
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  let { a: start, b: other, size } = best;
  while (start > aLow && other > bLow && a[start - 1] === b[other - 1]) {
    start--;
    other--;
    size++;
  }
  while (start + size < aHigh && other + size < bHigh && a[start + size] === b[other + size]) size++;
  return { a: start, b: other, size };
}
