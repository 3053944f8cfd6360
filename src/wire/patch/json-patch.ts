/** RFC 6902 JSON Patch, with the limits and error texts of the library the API server uses upstream. */

import { copyJson } from '#base/copy-json.ts';
import { equalJson } from '../json/canonical.ts';
import { goJsonType } from '../json/go-values.ts';
import { isTooDeep } from '../json/nesting.ts';
import { parsePointer } from '../json/pointer.ts';
import { isJsonObject, type JsonObject, setKey } from '../json/value.ts';

export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** The patch is malformed: 400. */
export class PatchFormatError extends Error {
  override name = 'PatchFormatError';
}

/** The patch does not apply to the document: 422. */
export class PatchApplyError extends Error {
  override name = 'PatchApplyError';
}

/** A `test` of the patch has found another value. */
export class PatchTestFailed extends PatchApplyError {}

/** Upstream's limit on the total size of the copies of one patch, as JSON. */
const copiedBytesMax = 3 * 1024 * 1024;
/** List elements that insertions and removals may shift: bounds a patch to some tens of milliseconds. */
const movedElementsMax = 50_000_000;

/** Returns the patched document; the given document is not changed. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  return changeByJsonPatch(copyJson(document), patch);
}

/** Returns the patched document; the given one is changed, by a patch that fails too. */
export function changeByJsonPatch(document: unknown, patch: unknown): unknown {
  const root: Root = { document, copiedBytes: 0, movedElements: 0 };
  for (const operation of checkedPatch(patch)) applyOperation(root, operation);
  if (isTooDeep(root.document)) throw new PatchApplyError('exceeded max depth');
  return root.document;
}

function checkedPatch(patch: unknown): JsonPatchOperation[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) {
    throw new PatchFormatError(
      `json: cannot unmarshal ${goJsonType(patch)} into Go value of type jsonpatch.Patch`,
    );
  }
  return patch.map((operation) => {
    if (isJsonObject(operation)) return operation as unknown as JsonPatchOperation;
    if (operation === null) return {} as JsonPatchOperation;
    throw new PatchFormatError(
      `json: cannot unmarshal ${goJsonType(operation)} into Go value of type jsonpatch.Operation`,
    );
  });
}

interface Root {
  document: unknown;
  copiedBytes: number;
  movedElements: number;
}

function applyOperation(root: Root, operation: JsonPatchOperation): void {
  const { op, path, from } = operation;
  if (!operations.has(op)) {
    throw new PatchApplyError(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
  }
  if (typeof path !== 'string') {
    const what = namesMissingPath.has(op) ? 'operation missing path field: ' : '';
    throw new PatchApplyError(`${op} operation failed to decode path: ${what}missing value`);
  }
  if (op === 'add') add(root, path, newValue(operation), op);
  else if (op === 'remove') remove(root, path);
  else if (op === 'replace') replace(root, path, newValue(operation));
  else if (op === 'move') add(root, path, take(root, fromOf(op, from)), op);
  else if (op === 'copy') add(root, path, copyOf(root, lookUp(root, fromOf(op, from))), op);
  else testValue(root, path, operation.value ?? null);
}

const operations: ReadonlySet<unknown> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** Operations whose error says what of them is missing. */
const namesMissingPath: ReadonlySet<unknown> = new Set(['replace', 'move', 'test']);

function copyOf(root: Root, value: unknown): unknown {
  if (isTooDeep(value)) throw new PatchApplyError('exceeded max depth');
  const text = JSON.stringify(value);
  root.copiedBytes += Buffer.byteLength(text);
  if (root.copiedBytes > copiedBytesMax) {
    throw new PatchApplyError(
      `Unable to complete the copy, the accumulated size increase of copy is ${root.copiedBytes}, exceeding the limit ${copiedBytesMax}`,
    );
  }
  return copyJson(value);
}

function newValue(operation: JsonPatchOperation): unknown {
  return operation.value === undefined ? null : copyJson(operation.value);
}

function fromOf(op: string, from: unknown): string {
  if (typeof from !== 'string') {
    throw new PatchApplyError(
      `${op} operation failed to decode from: operation, missing from field: missing value`,
    );
  }
  return from;
}

type Container = JsonObject | unknown[];

interface Place {
  readonly container: Container;
  readonly key: string;
}

/** The object or list that holds the last part of the path. */
function placeOf(root: Root, path: string): Place | undefined {
  // As upstream, only `replace` and `test` accept the whole document.
  if (!path.includes('/')) return undefined;
  const parts = parsePointer(path);
  const key = parts.pop();
  let current: unknown = root.document;
  for (const part of parts) {
    if (!isContainer(current)) return undefined;
    current = child(current, part);
  }
  return key === undefined || !isContainer(current) ? undefined : { container: current, key };
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function child(container: Container, key: string): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  return isIndex(key) ? container.at(Number(key)) : undefined;
}

function isIndex(key: string): boolean {
  return /^[-+]?\d+$/.test(key);
}

function missing(op: string, what: string): PatchApplyError {
  return new PatchApplyError(`${op} operation does not apply: ${what}: missing value`);
}

function notAnIndex(key: string): string {
  return `strconv.Atoi: parsing "${key}": invalid syntax`;
}

function badIndex(key: string): string {
  return `Unable to access invalid index: ${key}: invalid index referenced`;
}

/** The value that `copy` copies; null for a missing key. */
function lookUp(root: Root, from: string): unknown {
  const place = placeOf(root, from);
  if (place === undefined) throw missing('copy', `doc is missing from path: ${from}`);
  return itemAt(place, (why) => `error in copy for from: '${from}': ${why}`) ?? null;
}

/** A field or a list element; for lists the index must exist. */
function itemAt({ container, key }: Place, worded: (why: string) => string): unknown {
  if (Array.isArray(container)) {
    if (!isIndex(key)) throw new PatchApplyError(worded(notAnIndex(key)));
    const index = fromEnd(Number(key), container.length);
    if (index < 0 || index >= container.length) throw new PatchApplyError(worded(badIndex(key)));
  }
  return child(container, key);
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function add(root: Root, path: string, value: unknown, op: string): void {
  const place = placeOf(root, path);
  if (place === undefined) throw missing(op, `doc is missing path: "${path}"`);
  const { container, key } = place;
  if (!Array.isArray(container)) {
    setKey(container, key, value);
    return;
  }
  // Counted in the list after insertion: -1 is behind the last element.
  const length = container.length + 1;
  const index = key === '-' ? length - 1 : fromEnd(Number(key), length);
  const worded = `error in ${op} for path: '${path}': `;
  if (key !== '-' && !isIndex(key)) {
    throw new PatchApplyError(`${worded}value was not a proper array index: '${key}': ${notAnIndex(key)}`);
  }
  if (index < 0 || index >= length) throw new PatchApplyError(worded + badIndex(key));
  splice(root, container, index, 0, value);
}

function splice(root: Root, list: unknown[], index: number, removed: number, ...added: unknown[]): void {
  root.movedElements += list.length - index;
  if (root.movedElements > movedElementsMax) {
    throw new PatchApplyError('the patch moves too many list elements');
  }
  list.splice(index, removed, ...added);
}

function remove(root: Root, path: string): void {
  const place = placeOf(root, path);
  if (place === undefined) throw missing('remove', `doc is missing path: "${path}"`);
  removeAt(root, place, (why) => `error in remove for path: '${path}': ${why}`);
}

/** Removes the value that `move` moves. */
function take(root: Root, from: string): unknown {
  const place = placeOf(root, from);
  if (place === undefined) throw missing('move', `doc is missing from path: ${from}`);
  return removeAt(root, place, (why) => `error in move for path: '${place.key}': ${why}`);
}

function removeAt(root: Root, place: Place, worded: (why: string) => string): unknown {
  const { container, key } = place;
  const value = itemAt(place, worded);
  if (Array.isArray(container)) {
    splice(root, container, fromEnd(Number(key), container.length), 1);
  } else {
    if (!Object.hasOwn(container, key)) {
      throw new PatchApplyError(worded(`Unable to remove nonexistent key: ${key}: missing value`));
    }
    delete container[key];
  }
  return value;
}

/** As upstream, also sets a missing key. */
function replace(root: Root, path: string, value: unknown): void {
  if (path === '') {
    if (!isContainer(value)) throw new PatchApplyError('replace operation value must be object or array');
    root.document = value;
    return;
  }
  const place = placeOf(root, path);
  if (place === undefined) throw missing('replace', `doc is missing path: ${path}`);
  const { container, key } = place;
  if (!Array.isArray(container)) {
    setKey(container, key, value);
    return;
  }
  const index = isIndex(key) ? fromEnd(Number(key), container.length) : -1;
  if (index < 0 || index >= container.length) throw missing('replace', `doc is missing key: ${path}`);
  container[index] = value;
}

function testValue(root: Root, path: string, expected: unknown): void {
  const place = placeOf(root, path);
  if (place === undefined && path !== '') throw missing('test', `is missing path: ${path}`);
  const worded = (why: string) => `error in test for path: '${path}': ${why}`;
  const current = place === undefined ? root.document : itemAt(place, worded);
  if (!equalJson(current ?? null, expected)) {
    throw new PatchTestFailed(`testing value ${path} failed: test failed`);
  }
}
