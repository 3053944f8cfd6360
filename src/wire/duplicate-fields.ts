/** Finds keys that a JSON text gives twice in one object; `JSON.parse` keeps only the last and says nothing. */

/**
 * False only when there are none, told from the lengths alone: parsed JSON without duplicates is written back as
 * long as it was, when it came in compact form. Spares nearly every write the scan.
 */
export function mayHaveDuplicateFields(json: Uint8Array, compact: string): boolean {
  const compactBytes = Buffer.byteLength(compact);
  let length = json.length;
  while (length > compactBytes && isSpace(json[length - 1]!)) length--;
  return length !== compactBytes;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Paths in document order, `spec.containers[0].name`, each once. The text must be valid JSON. */
export function findDuplicateFields(text: string): string[] {
  const found = new Set<string>();
  new Scanner(text, found).value('');
  return [...found];
}

class Scanner {
  readonly text: string;
  readonly found: Set<string>;
  at = 0;

  constructor(text: string, found: Set<string>) {
    this.text = text;
    this.found = found;
  }

  value(path: string): void {
    this.space();
    const sign = this.text[this.at];
    if (sign === '{') this.object(path);
    else if (sign === '[') this.list(path);
    else if (sign === '"') this.string();
    else while (this.at < this.text.length && !/[,\]}\s]/.test(this.text[this.at]!)) this.at++;
    this.space();
  }

  object(path: string): void {
    const seen = new Set<string>();
    this.at++;
    this.space();
    while (this.text[this.at] !== '}' && this.at < this.text.length) {
      const key = this.string();
      const keyPath = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) this.found.add(keyPath);
      seen.add(key);
      this.space();
      this.at++;
      this.value(keyPath);
      if (this.text[this.at] === ',') this.at++;
      this.space();
    }
    this.at++;
  }

  list(path: string): void {
    this.at++;
    this.space();
    for (let i = 0; this.text[this.at] !== ']' && this.at < this.text.length; i++) {
      this.value(`${path}[${i}]`);
      if (this.text[this.at] === ',') this.at++;
    }
    this.at++;
  }

  string(): string {
    const start = this.at++;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x22 || Number.isNaN(code)) break;
      if (code === 0x5c) {
        escaped = true;
        this.at++;
      }
      this.at++;
    }
    this.at++;
    const raw = this.text.slice(start, this.at);
    return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  }

  space(): void {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
  }
}
