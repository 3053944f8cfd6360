/** The types of CEL, with the names that upstream prints. */

export type CelTypeKind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null_type'
  | 'opaque'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'type_param'
  | 'uint';

export interface CelField {
  /** The name of the field in JSON; expressions use its escaped form. */
  readonly jsonName: string;
  readonly type: CelType;
}

/** The fields of an object by the name that expressions use. */
export type CelFields = ReadonlyMap<string, CelField>;

export interface CelTypeFacts {
  /** The fields of a `struct`; a function where types refer to themselves. */
  readonly fields?: CelFields | (() => CelFields);
  /** The largest `size()` that a value of this type can have, for the estimate of costs. */
  readonly maxElements?: number;
  /** The fewest bytes that a value of this type takes as JSON. */
  readonly minSerializedSize?: number;
  /** `x-kubernetes-list-type` of a `list`: what its equality and `+` mean. */
  readonly listType?: 'atomic' | 'set' | 'map';
  /** `x-kubernetes-list-map-keys`, as names in JSON. */
  readonly listMapKeys?: readonly string[];
  readonly isNullable?: boolean;
  /** A `timestamp` of the format `date`, without a time of day. */
  readonly isDate?: boolean;
  /** Values have to be an integer or a string (`x-kubernetes-int-or-string`). */
  readonly isIntOrString?: boolean;
}

export class CelType {
  readonly kind: CelTypeKind;
  /** The name that `type(x)` prints: `int`, `google.protobuf.Timestamp`, `kubernetes.Quantity`. */
  readonly name: string;
  readonly parameters: readonly CelType[];
  readonly facts: CelTypeFacts;
  #fields: CelFields | undefined;

  constructor(
    kind: CelTypeKind,
    name: string,
    parameters: readonly CelType[] = [],
    facts: CelTypeFacts = {},
  ) {
    this.kind = kind;
    this.name = name;
    this.parameters = parameters;
    this.facts = facts;
  }

  get fields(): CelFields | undefined {
    const declared = this.facts.fields;
    this.#fields ??= typeof declared === 'function' ? declared() : declared;
    return this.#fields;
  }

  /** The same type with other facts, which do not count in comparisons of types. */
  with(facts: CelTypeFacts): CelType {
    return new CelType(this.kind, this.name, this.parameters, { ...this.facts, ...facts });
  }
}

export const anyType = new CelType('any', 'google.protobuf.Any');
export const boolType = new CelType('bool', 'bool');
export const bytesType = new CelType('bytes', 'bytes');
export const doubleType = new CelType('double', 'double');
export const durationType = new CelType('duration', 'google.protobuf.Duration');
export const dynType = new CelType('dyn', 'dyn');
export const errorType = new CelType('error', 'error');
export const intType = new CelType('int', 'int');
export const nullType = new CelType('null_type', 'null_type');
export const stringType = new CelType('string', 'string');
export const timestampType = new CelType('timestamp', 'google.protobuf.Timestamp');
export const uintType = new CelType('uint', 'uint');

export const listType = (element: CelType, facts?: CelTypeFacts): CelType =>
  new CelType('list', 'list', [element], facts);

export const mapType = (key: CelType, value: CelType, facts?: CelTypeFacts): CelType =>
  new CelType('map', 'map', [key, value], facts);

/** An object with named fields. Two objects are of one type when their names are equal. */
export const objectType = (
  name: string,
  fields: CelFields | (() => CelFields),
  facts?: CelTypeFacts,
): CelType => new CelType('struct', name, [], { ...facts, fields });

/** A type without fields and literals, such as `kubernetes.Quantity`, or `optional_type(int)` with a parameter. */
export const opaqueType = (name: string, ...parameters: CelType[]): CelType =>
  new CelType('opaque', name, parameters);

export const optionalType = (value: CelType): CelType => opaqueType('optional_type', value);

/** The type of a type: `type(int)` is the type of the identifier `int`. */
export const typeType = (parameter?: CelType): CelType =>
  new CelType('type', 'type', parameter === undefined ? [] : [parameter]);

export const typeParam = (name: string): CelType => new CelType('type_param', name);

export function isSameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every((parameter, index) => isSameType(parameter, b.parameters[index]!));
}

export const isOptional = (type: CelType): boolean => type.kind === 'opaque' && type.name === 'optional_type';

export const isDyn = (type: CelType): boolean => type.kind === 'dyn' || type.kind === 'any';

/** The names under which messages of the checker show a type, where they differ from `CelType.name`. */
const shownNames: Partial<Record<CelTypeKind, string>> = {
  any: 'any',
  duration: 'duration',
  error: '!error!',
  null_type: 'null',
  timestamp: 'timestamp',
};

/** A type as the messages of the checker print it: `map(string, list(int))`. */
export function formatType(type: CelType): string {
  const name = shownNames[type.kind] ?? type.name;
  if (type.parameters.length === 0) return name;
  return `${name}(${type.parameters.map(formatType).join(', ')})`;
}

/** A type by the name that it has in expressions: `null_type`, `list(google.protobuf.Timestamp)`. */
export function typeText(type: CelType): string {
  if (type.parameters.length === 0) return type.name;
  return `${type.name}(${type.parameters.map(typeText).join(', ')})`;
}

/** The types of arguments as the messages of the checker print them: `(int, string)`, of a method `list(int).(int)`. */
export function formatSignature(args: readonly CelType[], isMethod: boolean): string {
  const [receiver, ...rest] = args;
  if (!isMethod || receiver === undefined) return `(${args.map(formatType).join(', ')})`;
  return `${formatType(receiver)}.(${rest.map(formatType).join(', ')})`;
}
