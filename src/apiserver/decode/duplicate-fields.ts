/** Fields that a JSON body names twice. JSON.parse keeps the last one silently, so this looks at the text itself. */

/** Nothing deeper is looked at: nobody writes such objects by hand. */
const depthMax = 100;

/** `duplicate field "spec.replicas"`, each once. Not looked for when nobody wants to know. */
export function duplicateFields(body: Uint8Array, mode: string): string[] {
  if (mode === 'Ignore') return [];
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  return scan(text);
}

interface Level {
  readonly keys: Set<string> | undefined;
  readonly path: string;
  index: number;
}

function scan(text: string): string[] {
  const found = new Set<string>();
  const levels: Level[] = [];
  const structure = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g;
  let pending = '';
  for (let match = structure.exec(text); match; match = structure.exec(text)) {
    const token = match[0];
    const level = levels.at(-1);
    if (token === '{' || token === '[') {
      if (levels.length === depthMax) return [...found];
      levels.push({ keys: token === '{' ? new Set() : undefined, path: childPath(level, pending), index: 0 });
      pending = '';
    } else if (token === '}' || token === ']') levels.pop();
    else if (token === ',') {
      if (level) level.index++;
    } else if (match[1] !== undefined && level?.keys) {
      pending = token.slice(1, token.lastIndexOf('"'));
      if (level.keys.has(pending)) found.add(`duplicate field "${childPath(level, pending)}"`);
      level.keys.add(pending);
    }
  }
  return [...found];
}

function childPath(level: Level | undefined, key: string): string {
  if (!level) return '';
  if (!level.keys) return `${level.path}[${level.index}]`;
  return level.path === '' ? key : `${level.path}.${key}`;
}
