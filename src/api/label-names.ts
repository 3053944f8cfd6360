/** What a label key and a label value may look like, in the words of apimachinery's `validation`. */

const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** `IsQualifiedName`: an optional DNS prefix and a name. Empty when fine. */
export function labelNameErrors(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    const form = nameForm();
    return [
      `a valid label key ${form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  if (parts.length === 2) errors.push(...prefixErrors(parts[0]!));
  const name = parts.at(-1)!;
  if (name === '') errors.push('name part must be non-empty');
  else if (name.length > 63) errors.push('name part must be no more than 63 bytes');
  if (!qualifiedName.test(name)) {
    errors.push(`name part ${nameForm()}`);
  }
  return errors;
}

const nameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const prefixMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const valueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function nameForm(): string {
  return regexText(nameMessage, '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]', ['MyName', 'my.name', '123-abc']);
}

function prefixErrors(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  const errors: string[] = [];
  if (prefix.length > 253) errors.push('prefix part must be no more than 253 bytes');
  if (!subdomain.test(prefix)) {
    const source = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
    errors.push(`prefix part ${regexText(prefixMessage, source, ['example.com'])}`);
  }
  return errors;
}

export function labelValueErrors(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 63) errors.push('must be no more than 63 bytes');
  if (!labelValue.test(value)) {
    const source = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
    errors.push(regexText(valueMessage, source, ['MyValue', 'my_value', '12345']));
  }
  return errors;
}

function regexText(message: string, source: string, examples: string[]): string {
  const list = examples.map((one) => `'${one}'`).join(',  or ');
  return `${message} (e.g. ${list}, regex used for validation is '${source}')`;
}
