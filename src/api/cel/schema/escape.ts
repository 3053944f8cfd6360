/** Escapes field names for expressions: `__dot__` for a dot, `__dash__`, `__slash__`, `__underscores__`, `__in__`. */

const reserved =
  'true false null in as break const continue else for function if import let loop package namespace return var void while';
const reservedWords = new Set(reserved.split(' '));

const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** Undefined for a field that no expression can name. */
export function escapeFieldName(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (reservedWords.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => escapes[part]!);
}
