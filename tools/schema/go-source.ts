/** Reads struct types out of a Go source file: names, tags and types of fields, never comments. */

export interface GoFields {
  /** JSON names of scalars that are omitted when zero. */
  dropsZero?: string[];
  /** JSON names of times and pointers that are written as null when they are zero or absent. */
  nullsZero?: string[];
  /** JSON names of structs that are there whatever they hold: Go has no pointer to them. */
  byValue?: string[];
  /** JSON names of other fields that are written when they are zero, or null. */
  writesZero?: string[];
  /** JSON name → Go's name of a string type. */
  stringTypes?: Record<string, string>;
  /** JSON name → Go's type of a list or map that has a name, or whose keys or elements have. */
  listTypes?: Record<string, string>;
  /** Structs whose fields are this type's own in JSON: type and protobuf number (0: none). */
  inline?: [type: string, protobuf: number][];
  /** JSON names, and types of inlined structs, as they come in the struct: where protobuf numbers come otherwise. */
  order?: string[];
}

const structStart = /^type (\w+) struct \{$/;
const fieldLine = /^\t(?:(\w+)\s+)?(\S+)\s+`([^`]*)`/;

/** The names of string types. */
export function stringTypesOf(source: string): string[] {
  return [...source.matchAll(/^type (\w+) string$/gm)].map((match) => match[1]!);
}

/** `foreign`: names of string types of all packages. */
export function typesOf(source: string, foreign: ReadonlySet<string>): [string, GoFields][] {
  const found: [string, GoFields][] = [];
  const strings = new Set(stringTypesOf(source));
  const lists = new Set([...source.matchAll(/^type (\w+) (?:\[\]|map\[)/gm)].map((match) => match[1]!));
  let fields: GoFields | undefined;
  let numbered: NumberedField[] = [];
  for (const line of source.split('\n')) {
    const start = structStart.exec(line);
    if (start) {
      fields = {};
      numbered = [];
      found.push([start[1]!, fields]);
    } else if (line === '}') {
      if (fields && !isAscending(numbered)) fields.order = numbered.map(([name]) => name);
      fields = undefined;
    } else if (fields) {
      const field = fieldLine.exec(line);
      if (field) readField(fields, field[2]!, field[3]!, strings);
      if (field) readForeignString(fields, field[2]!, field[3]!, foreign);
      if (field) readListType(fields, field[2]!, field[3]!, lists);
      if (field) numbered.push(...numberedField(field[2]!, field[3]!));
    }
  }
  return found;
}

/** The protobuf number is 0 where there is none. */
type NumberedField = readonly [name: string, protobuf: number];

/** None, if it is no field in JSON, or a struct that every object has. */
function numberedField(goType: string, tags: string): NumberedField[] {
  const [name, option] = /json:"([^"]*)"/.exec(tags)?.[1]?.split(',') ?? ['-'];
  if (name === '-' || goType.endsWith('TypeMeta')) return [];
  const number = Number(/protobuf:"\w+,(\d+)/.exec(tags)?.[1] ?? 0);
  return [[option === 'inline' ? goType : name!, number]];
}

function isAscending(fields: readonly NumberedField[]): boolean {
  return fields.every(([, number], i) => number > (fields[i - 1]?.[1] ?? 0));
}

const scalars = new Set(['string', 'bool', 'int', 'int32', 'int64', 'float64', 'types.UID']);

/** Of other packages too: `metav1.LabelSelector`. Maps and lists that have a name look the same. */
const structType = /^(?:\w+\.)?[A-Z]\w*$/;
const times = /^(?:metav1\.|v1\.)?(?:Micro)?Time$/;

function readField(fields: GoFields, goType: string, tags: string, strings: Set<string>): void {
  const json = /json:"([^"]*)"/.exec(tags)?.[1]?.split(',');
  if (json === undefined || json[0] === '-') return;
  const [name = '', ...options] = json;
  if (options.includes('inline')) {
    const number = Number(/protobuf:"bytes,(\d+)/.exec(tags)?.[1] ?? 0);
    if (!goType.endsWith('TypeMeta')) fields.inline = [...(fields.inline ?? []), [goType, number]];
    return;
  }
  const isPointer = goType.startsWith('*');
  const bare = goType.replace(/^\*/, '');
  const omits = options.includes('omitempty') || options.includes('omitzero');
  if (!isPointer && omits && (scalars.has(bare) || strings.has(bare))) {
    fields.dropsZero = [...(fields.dropsZero ?? []), name];
  }
  if ((times.test(goType) && !options.includes('omitzero')) || (isPointer && !omits)) {
    fields.nullsZero = [...(fields.nullsZero ?? []), name];
  }
  if (
    structType.test(goType) &&
    !times.test(goType) &&
    !strings.has(goType) &&
    !options.includes('omitzero')
  ) {
    fields.byValue = [...(fields.byValue ?? []), name];
  }
  if (!isPointer && !omits && !times.test(goType)) {
    fields.writesZero = [...(fields.writesZero ?? []), name];
  }
  if (strings.has(bare) || bare === 'types.UID') fields.stringTypes = { ...fields.stringTypes, [name]: bare };
}

/** A string type of another package: `metav1.ConditionStatus`, whose package Go's messages call `v1`. */
function readForeignString(
  fields: GoFields,
  goType: string,
  tags: string,
  foreign: ReadonlySet<string>,
): void {
  const name = /json:"([^",]+)/.exec(tags)?.[1];
  const [, version, type] = /^\*?[a-z]*(v\d\w*)\.(\w+)$/.exec(goType) ?? [];
  if (!name || !type || !foreign.has(type)) return;
  fields.stringTypes = { ...fields.stringTypes, [name]: `${version}.${type}` };
}

/** `[]Capability`, `map[ResourceName]string`, `ResourceList`: not what JSON's types alone would say. */
function readListType(fields: GoFields, goType: string, tags: string, lists: Set<string>): void {
  const name = /json:"([^",]+)/.exec(tags)?.[1];
  const isPlain = !/^\[\]|^map\[/.test(goType);
  if (!name || (isPlain && !lists.has(goType) && !goType.endsWith('.ResourceList'))) return;
  fields.listTypes = { ...fields.listTypes, [name]: goType };
}
