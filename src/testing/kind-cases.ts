/**
 * For tests: passes an object through a kind's strategy as a create or an update would, and returns the
 * messages.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeStrategy } from '#api/kind/complete-strategy.ts';
import type { Strategy } from '#api/kind/strategy.ts';
import { kindOf } from '#api/kinds/kinds.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { type FieldError, fieldErrorMessage } from '#api/validation/field-error.ts';
import { copyJson } from '#base/copy-json.ts';

/** Strategy of the first version of a built-in resource. */
export function strategyFor(group: string, resource: string): Strategy<KubeObject> {
  const schema = loadSchema();
  const def = schema.resources.find((served) => served.group === group && served.resource === resource);
  assert.ok(def, `${group}/${resource} is not in the schema`);
  return completeStrategy(kindOf(def), { def, schema });
}

/** A copy of `object` with the values at dotted paths set; `undefined` removes them. */
export function changed(object: AnyObject, changes: Record<string, unknown>): AnyObject {
  const copy = copyJson(object);
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    let at = copy as Record<string, unknown>;
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    const last = keys.at(-1)!;
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return copy;
}

export function created(group: string, resource: string, object: AnyObject): AnyObject {
  const strategy = strategyFor(group, resource);
  const copy = copyJson(object);
  strategy.setDefaults?.(copy);
  strategy.dropDisabled?.(copy);
  strategy.prepareForCreate?.(copy, '2026-01-01T00:00:00Z', { name: 'jane', groups: [] });
  return copy;
}

export function createMessages(group: string, resource: string, object: AnyObject): string[] {
  const errors = strategyFor(group, resource).validate!(created(group, resource, object));
  return errors.map((error) => fieldErrorMessage(error));
}

/** Validation messages of an object as it is, without defaulting. */
export function messagesOf(group: string, resource: string, object: AnyObject): string[] {
  return strategyFor(group, resource).validate!(object).map((error) => fieldErrorMessage(error));
}

/** Each error once, as in the message of a refusal. */
function once(errors: readonly FieldError[]): string[] {
  return [...new Set(errors.map((error) => fieldErrorMessage(error)))];
}

/** The same for an object that replaces another. */
export function changeMessagesOf(group: string, resource: string, now: AnyObject, old: AnyObject): string[] {
  return once(strategyFor(group, resource).validateUpdate!(now, old));
}

/** `old` is the created object. */
export function updateMessages(group: string, resource: string, now: AnyObject, old: AnyObject): string[] {
  const strategy = strategyFor(group, resource);
  const before = created(group, resource, old);
  const copy = copyJson(now);
  strategy.setDefaults?.(copy);
  strategy.dropDisabled?.(copy);
  strategy.prepareForUpdate?.(copy, before, '2026-01-01T00:00:00Z');
  return once(strategy.validateUpdate!(copy, before));
}

type Changes = Record<string, unknown>;

export interface KindCases {
  readonly kind: [group: string, resource: string];
  /** Valid; the cases are changes to it, with their messages. */
  readonly valid: AnyObject;
  readonly create: readonly [Changes, string[]][];
  readonly update: readonly [Changes, string[]][];
}

export function runCases(kinds: readonly KindCases[]): void {
  for (const { kind, valid, create, update } of kinds) {
    test(`${kind[1]}: what is right passes, at creation and again`, () => {
      assert.deepEqual(createMessages(...kind, valid), []);
      const stored = created(...kind, valid);
      assert.deepEqual(updateMessages(...kind, stored, valid), []);
      const again = copyJson(stored);
      strategyFor(...kind).setDefaults?.(again);
      assert.deepEqual(again, stored);
    });
    for (const [changes, messages] of create) {
      test(`${kind[1]} create: ${JSON.stringify(changes)}`, () => {
        assert.deepEqual(createMessages(...kind, changed(valid, changes)), messages);
      });
    }
    for (const [changes, messages] of update) {
      test(`${kind[1]} update: ${JSON.stringify(changes)}`, () => {
        assert.deepEqual(updateMessages(...kind, changed(created(...kind, valid), changes), valid), messages);
      });
    }
  }
}
