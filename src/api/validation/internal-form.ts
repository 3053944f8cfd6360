/**
 * Upstream's internal structs as JSON: Go's names, Go's order of fields, `null` and zeros for fields that are not set.
 * Messages show values and differences in this form.
 */

import { lazily } from '#base/lazily.ts';
import { ownValue } from '#base/own-value.ts';
import { goStructJson } from '#base/text/go-json.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { GoText } from '../go/text.ts';
import { isEmptyCollection } from '../schema/empty-collections.ts';
import { loadSchema } from '../schema/load-schema.ts';
import type { TypeRef } from '../schema/schema.ts';
import { parseQuantity } from '../values/quantity.ts';
import file from './internal-types.gen.json' with { type: 'json' };

const structs: Readonly<Record<string, readonly string[]>> = file;

/** `kind` is a struct of the core group, `PodSpec`, or one of another with its group: `batch.SuccessPolicy`. */
export function internalForm(value: unknown, kind: string): unknown {
  return structForm((value ?? {}) as JsonObject, kind.includes('.') ? kind : `core.${kind}`);
}

/** For a message: one line of JSON. Go writes a nil list as `null`. */
export function internalText(value: unknown, kind: string): GoText {
  if (!Array.isArray(value)) return new GoText(goStructJson(internalForm(value, kind)));
  const forms = value.map((value) => internalForm(value, kind));
  return new GoText(goStructJson(forms.length > 0 ? forms : null));
}

/** A label selector as upstream's struct, which has JSON names. */
export function shownSelector(selector: object): GoText {
  return new GoText(goStructJson(formOf('@LabelSelector')(selector)));
}

/** Metadata as upstream's struct, which has JSON names. */
export function shownMetadata(metadata: object): GoText {
  return new GoText(goStructJson(formOf('@ObjectMeta')(metadata)));
}

/** How a field's type shows its value, and what it shows without one. */
type Form = (value: unknown) => unknown;

interface Member {
  /** Empty for an embedded struct, whose fields are this struct's own. */
  readonly goName: string;
  readonly name: string;
  readonly form: Form;
}

const membersByStruct = new Map<string, readonly Member[]>();

function membersOf(struct: string): readonly Member[] {
  let members = membersByStruct.get(struct);
  if (!members) {
    const rows = structs[struct];
    if (!rows) throw new Error(`internal form: no struct ${struct}`);
    members = rows.map(readMember);
    membersByStruct.set(struct, members);
  }
  return members;
}

function readMember(row: string): Member {
  const parts = row.split(' ');
  const [goName, name] = parts.length === 3 ? (parts as [string, string]) : ['', ''];
  return { goName, name, form: formOf(parts.at(-1)!) };
}

function structForm(value: JsonObject | undefined, struct: string): JsonObject {
  const source = ownValue(sources, struct)?.(value) ?? value ?? {};
  const form: JsonObject = {};
  for (const { goName, name, form: shown } of membersOf(struct)) {
    // Metadata is embedded with a name in JSON, any other struct without.
    if (goName === '') Object.assign(form, shown(shown === metadata ? source['metadata'] : source));
    else form[goName] = shown(source[name]) as JsonObject[string];
  }
  return form;
}

/** Fields of the pod that the internal type keeps in its security context. */
const inSecurityContext = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/** Structs whose fields stand elsewhere in JSON, or whose JSON is one of several values. */
const sources: Readonly<Record<string, (value: JsonObject | undefined) => JsonObject | undefined>> = {
  'core.PodSpec': withMovedFields,
  'apiextensions.JSONSchemaPropsOrBool': (value: unknown) =>
    typeof value === 'boolean' ? { allows: value } : ({ allows: true, schema: value } as JsonObject),
  'apiextensions.JSONSchemaPropsOrArray': (value: unknown) =>
    (Array.isArray(value) ? { jSONSchemas: value } : { schema: value }) as JsonObject,
  'apiextensions.JSONSchemaPropsOrStringArray': (value: unknown) =>
    (Array.isArray(value) ? { property: value } : value && { schema: value }) as JsonObject | undefined,
};

function withMovedFields(spec: JsonObject = {}): JsonObject {
  const moved = Object.fromEntries(inSecurityContext.map((name) => [name, spec[name]]));
  return { ...spec, securityContext: { ...(spec['securityContext'] as JsonObject), ...moved } };
}

const isUnset = (value: unknown) => value === undefined || value === null;
const or =
  (zero: unknown): Form =>
  (value) =>
    isUnset(value) ? zero : value;

const metadata = publishedForm('ObjectMeta');

const forms = new Map<string, Form>([
  ['string', or('')],
  ['bool', or(false)],
  ['number', or(0)],
  ['quantity', (value) => (isUnset(value) ? '0' : String(parseQuantity(value as string)))],
  ['time', or(null)],
  ['json', or(null)],
  ['@ObjectMeta', metadata],
]);

/** By the type's code in the generated file. */
function formOf(code: string): Form {
  let form = forms.get(code);
  if (!form) {
    form = newForm(code);
    forms.set(code, form);
  }
  return form;
}

function newForm(code: string): Form {
  if (code.startsWith('@')) return publishedForm(code.slice(1));
  if (code.startsWith('#')) return (value) => structForm(value as JsonObject | undefined, code.slice(1));
  // A struct may contain pointers to itself: what a pointer points to is read when a value has it.
  const [, shape, target = ''] = /^(\*|\[\]|\{\})(.*)$/.exec(code) ?? [];
  const inner = lazily(() => formOf(target));
  return (value) => {
    if (isUnset(value)) return null;
    if (shape === '*') return inner()(value);
    return shape === '[]' ? (value as unknown[]).map(inner()) : sortedForm(value as JsonObject, inner());
  };
}

function sortedForm(value: JsonObject, item: Form): JsonObject {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, item(value)])) as JsonObject;
}

/** A struct of meta/v1, which has its JSON names in Go, too. */
function publishedForm(kind: string): Form {
  const fields = lazily(() => {
    const { fields } = loadSchema().type(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`);
    return [...fields.values()];
  });
  return (value) => {
    const source = (value ?? {}) as JsonObject;
    const form: JsonObject = {};
    for (const { name, type, writesZero } of fields()) {
      const isWritten = source[name] !== undefined && (writesZero || !isEmptyCollection(type, source[name]));
      if (isWritten) form[name] = publishedValue(source[name], type);
      else if (writesZero) form[name] = type.kind === 'string' ? '' : null;
    }
    return form;
  };
}

function publishedValue(value: unknown, type: TypeRef): JsonObject[string] {
  if (type.kind === 'list') {
    return (value as unknown[]).map((item) => publishedValue(item, type.of)) as JsonObject[string];
  }
  if (type.kind === 'map') return sortedForm(value as JsonObject, (item) => publishedValue(item, type.of));
  if (type.kind !== 'object' || !type.name.includes('.meta.v1.')) return value as JsonObject[string];
  return formOf(`@${type.name.slice(type.name.lastIndexOf('.') + 1)}`)(value) as JsonObject[string];
}
