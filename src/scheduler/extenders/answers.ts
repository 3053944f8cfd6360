/**
 * The answers of extenders, read as Go's JSON decoder does: names of fields in any case, `null` for what is absent, an
 * error in Go's words for a value of another type. What an answer says is checked where it is used.
 */

import { goJsonError } from '#wire/json/error.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

export interface FilterAnswer {
  /** Names of the nodes that pass; undefined: the extender named none. */
  readonly nodes: readonly string[] | undefined;
  /** Nodes that fail, and why. */
  readonly failed: ReadonlyMap<string, string>;
  /** The same, where the removal of other pods would not help. */
  readonly unresolvable: ReadonlyMap<string, string>;
  readonly error: string;
}

export interface HostScore {
  readonly host: string;
  readonly score: number;
}

export interface NodeVictims {
  readonly uids: readonly string[];
  readonly brokenBudgets: number;
}

const filterResult = 'ExtenderFilterResult';
const int64Max = 2 ** 63;

/** `readsNames`: it was sent names of nodes, and may answer with names. Throws an Error with Go's message. */
export function readFilterAnswer(body: Uint8Array, readsNames: boolean): FilterAnswer {
  const answer = objectOf(parsed(body), filterResult);
  const names = listIn(answer, 'NodeNames', filterResult)?.map((name) =>
    textOf(name, `struct field ${filterResult}.NodeNames`),
  );
  const list = fieldOf(answer, 'Nodes');
  const items = list === undefined ? undefined : listIn(objectOf(list, 'NodeList'), 'items', 'NodeList');
  const nodes = list === undefined ? undefined : (items ?? []).map(nodeName);
  return {
    nodes: (readsNames ? names : undefined) ?? nodes,
    failed: textsIn(answer, 'FailedNodes'),
    unresolvable: textsIn(answer, 'FailedAndUnresolvableNodes'),
    error: textIn(answer, 'Error', filterResult),
  };
}

/** Throws an Error with Go's message. */
export function readScores(body: Uint8Array): HostScore[] {
  const list = parsed(body) ?? [];
  if (!Array.isArray(list)) throw mismatch(list, 'value of type v1.HostPriorityList');
  return list.map((item) => {
    const priority = objectOf(item, 'HostPriority');
    return {
      host: textIn(priority, 'Host', 'HostPriority'),
      score: integerIn(priority, 'Score', 'HostPriority'),
    };
  });
}

/** By the name of the node. Throws an Error with Go's message. */
export function readVictims(body: Uint8Array): ReadonlyMap<string, NodeVictims> {
  const type = 'ExtenderPreemptionResult';
  const byNode = fieldOf(objectOf(parsed(body), type), 'NodeNameToMetaVictims') ?? {};
  const nodes = Object.entries(objectOf(byNode, `${type}.NodeNameToMetaVictims`));
  return new Map(nodes.map(([node, victims]) => [node, victimsOf(objectOf(victims, 'MetaVictims'))]));
}

/** What went wrong with a binding; `''` for nothing. Throws an Error with Go's message. */
export function readBindingError(body: Uint8Array): string {
  return textIn(objectOf(parsed(body), 'ExtenderBindingResult'), 'Error', 'ExtenderBindingResult');
}

function victimsOf(victims: JsonObject): NodeVictims {
  const pods = listIn(victims, 'Pods', 'MetaVictims') ?? [];
  return {
    uids: pods.map((pod) => textIn(objectOf(pod, 'MetaPod'), 'UID', 'MetaPod')),
    brokenBudgets: integerIn(victims, 'NumPDBViolations', 'MetaVictims'),
  };
}

function parsed(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString();
  if (text.trim() === '') throw new Error('EOF');
  try {
    return JSON.parse(text);
  } catch {
    const message = goJsonError(text) ?? 'invalid JSON';
    throw new Error(message === 'unexpected end of JSON input' ? 'unexpected EOF' : message);
  }
}

function nodeName(node: unknown): string {
  return textIn(objectOf(fieldOf(objectOf(node, 'Node'), 'metadata'), 'ObjectMeta'), 'name', 'ObjectMeta');
}

function objectOf(value: unknown, type: string): JsonObject {
  if (value === null || value === undefined) return {};
  if (!isJsonObject(value)) throw mismatch(value, `value of type v1.${type}`);
  return value;
}

/** `null` counts as absent. */
function fieldOf(object: JsonObject, name: string): unknown {
  const lower = name.toLowerCase();
  const key = Object.hasOwn(object, name)
    ? name
    : Object.keys(object).find((other) => other.toLowerCase() === lower);
  return key === undefined ? undefined : (object[key] ?? undefined);
}

function listIn(object: JsonObject, name: string, type: string): readonly unknown[] | undefined {
  const value = fieldOf(object, name);
  if (value === undefined || Array.isArray(value)) return value;
  throw mismatch(value, `struct field ${type}.${name} of type slice`);
}

function textIn(object: JsonObject, name: string, type: string): string {
  return textOf(fieldOf(object, name) ?? '', `struct field ${type}.${name}`);
}

function textsIn(answer: JsonObject, name: string): ReadonlyMap<string, string> {
  const at = `struct field ${filterResult}.${name}`;
  const texts = objectOf(fieldOf(answer, name), 'FailedNodesMap');
  return new Map(Object.entries(texts).map(([node, text]) => [node, textOf(text ?? '', at)]));
}

function textOf(value: unknown, at: string): string {
  if (typeof value === 'string') return value;
  throw mismatch(value, `${at} of type string`);
}

function integerIn(object: JsonObject, name: string, type: string): number {
  const value = fieldOf(object, name) ?? 0;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < int64Max) return value;
  throw mismatch(value, `struct field ${type}.${name} of type int64`);
}

function mismatch(value: unknown, into: string): Error {
  const what = typeof value === 'number' ? `number ${value}` : goJsonType(value);
  return new Error(`json: cannot unmarshal ${what} into Go ${into}`);
}
