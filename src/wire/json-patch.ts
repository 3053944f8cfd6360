/** RFC 6902 JSON Patch, with the limits and error texts of the library the API server uses upstream. */

import { equalJson } from './canonical-json.ts';
import { parsePointer } from './json-pointer.ts';

export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export const jsonPatchOperationsMax = 10_000;

/** The patch is no patch: 400. */
export class PatchFormatError extends Error {
  override name = 'PatchFormatError';
}

/** The patch does not fit the document: 422. */
export class PatchApplyError extends Error {
  override name = 'PatchApplyError';
}

/** Returns the patched document; the given one stays as it was. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const root = { document: structuredClone(document) };
  for (const operation of checkedPatch(patch)) applyOperation(root, operation);
  return root.document;
}

function checkedPatch(patch: unknown): JsonPatchOperation[] {
  if (!Array.isArray(patch)) {
    const found = goTypeName(patch);
    throw new PatchFormatError(`json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`);
  }
  for (const operation of patch) {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      const found = goTypeName(operation);
      throw new PatchFormatError(`json: cannot unmarshal ${found} into Go value of type jsonpatch.Operation`);
    }
  }
  return patch;
}

function goTypeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

interface Root {
  document: unknown;
}

function applyOperation(root: Root, operation: JsonPatchOperation): void {
  const { op, path, from } = operation;
  if (typeof path !== 'string')
    throw new PatchApplyError(`${op} operation failed to decode path: missing value`);
  if (op === 'add') add(root, path, newValue(operation), op);
  else if (op === 'remove') remove(root, path, op);
  else if (op === 'replace') replace(root, path, newValue(operation));
  else if (op === 'move') add(root, path, remove(root, fromOf(op, from), op), op);
  else if (op === 'copy') add(root, path, structuredClone(lookUp(root, fromOf(op, from), op)), op);
  else if (op === 'test') testValue(root, path, operation.value ?? null);
  else throw new PatchApplyError(`Unexpected kind: ${op}`);
}

function newValue(operation: JsonPatchOperation): unknown {
  return operation.value === undefined ? null : structuredClone(operation.value);
}

function fromOf(op: string, from: unknown): string {
  if (typeof from !== 'string')
    throw new PatchApplyError(`${op} operation failed to decode from: missing value`);
  return from;
}

type Container = Record<string, unknown> | unknown[];

/** The object or list that holds the last part of the path. */
function parentOf(root: Root, path: string, op: string): { container: Container; key: string } {
  const parts = parsePointer(path);
  const key = parts.pop();
  let current: unknown = root.document;
  for (const part of parts) current = isContainer(current) ? child(current, part) : undefined;
  if (key === undefined || !isContainer(current)) throw missing(op, path);
  return { container: current, key };
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function child(container: Container, key: string): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  return /^-?\d+$/.test(key) ? container.at(Number(key)) : undefined;
}

function missing(op: string, path: string): PatchApplyError {
  return new PatchApplyError(`${op} operation does not apply: doc is missing path: ${path}: missing value`);
}

function lookUp(root: Root, path: string, op: string): unknown {
  if (path === '') return root.document;
  const { container, key } = parentOf(root, path, op);
  const value = child(container, key);
  if (value === undefined)
    throw new PatchApplyError(
      `${op} operation does not apply: doc is missing from path: ${path}: missing value`,
    );
  return value;
}

function add(root: Root, path: string, value: unknown, op: string): void {
  if (path === '') {
    root.document = value;
    return;
  }
  const { container, key } = parentOf(root, path, op);
  if (!Array.isArray(container)) {
    setField(container, key, value);
    return;
  }
  const index = key === '-' ? container.length : listIndex(container, key, container.length, path);
  container.splice(index, 0, value);
}

/** Never through a setter: `__proto__` is a key as any other. */
function setField(container: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function listIndex(list: unknown[], key: string, last: number, path: string): number {
  if (!/^-?\d+$/.test(key)) {
    throw new PatchApplyError(
      `value was not a proper array index: '${key}': strconv.Atoi: parsing "${key}": invalid syntax`,
    );
  }
  const index = Number(key) < 0 ? Number(key) + list.length : Number(key);
  if (index < 0 || index > last) {
    throw new PatchApplyError(`Unable to access invalid index: ${key}: invalid index referenced at ${path}`);
  }
  return index;
}

function remove(root: Root, path: string, op: string): unknown {
  const { container, key } = parentOf(root, path, op);
  if (Array.isArray(container)) {
    return container.splice(listIndex(container, key, container.length - 1, path), 1)[0];
  }
  if (!Object.hasOwn(container, key)) {
    throw new PatchApplyError(
      `${op} operation does not apply: Unable to remove nonexistent key: ${key}: missing value`,
    );
  }
  const value = container[key];
  delete container[key];
  return value;
}

function replace(root: Root, path: string, value: unknown): void {
  if (path === '') {
    root.document = value;
    return;
  }
  const { container, key } = parentOf(root, path, 'replace');
  if (Array.isArray(container)) {
    container[listIndex(container, key, container.length - 1, path)] = value;
    return;
  }
  if (!Object.hasOwn(container, key)) {
    throw new PatchApplyError(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }
  setField(container, key, value);
}

function testValue(root: Root, path: string, expected: unknown): void {
  const parts = parsePointer(path);
  let current: unknown = root.document;
  for (const part of parts) current = isContainer(current) ? child(current, part) : undefined;
  if (!equalJson(current ?? null, expected)) {
    throw new PatchApplyError(`testing value ${path} failed: test failed`);
  }
}
