/** Where a webhook is: the rules of apiserver for its URL and for its service. */

import { checkField } from './field-checks.ts';
import { type FieldError, invalidValue, required } from './field-error.ts';
import { dns1123Subdomain, portNumber } from './validators.ts';

interface Service {
  readonly name?: string;
  readonly namespace?: string;
  readonly port?: number;
  readonly path?: string;
}

export function validateWebhookService(
  { name, namespace, port = 0, path }: Service,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${field}.name`));
  if (!namespace) errors.push(required(`${field}.namespace`));
  for (const text of portNumber(port)) {
    errors.push(invalidValue(`${field}.port`, port, `port is not valid: ${text}`));
  }
  return path === undefined || path === '/' ? errors : [...errors, ...validatePath(path, `${field}.path`)];
}

function validatePath(path: string, field: string): FieldError[] {
  const errors = path.startsWith('/') ? [] : [invalidValue(field, path, "must start with a '/'")];
  for (const [i, step] of path.replace(/^\//, '').replace(/\/$/, '').split('/').entries()) {
    if (step === '') errors.push(invalidValue(field, path, `segment[${i}] may not be empty`));
    else errors.push(...checkField(field, step, dns1123Subdomain));
  }
  return errors;
}

export function validateWebhookUrl(text: string, field: string): FieldError[] {
  const form = '; desired format: https://host[/path]';
  const errors: FieldError[] = [];
  const say = (problem: string) => errors.push(invalidValue(field, text, problem));
  if (!URL.canParse(text)) {
    return [
      required(
        field,
        `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI for request${form}`,
      ),
    ];
  }
  const url = new URL(text);
  if (url.protocol !== 'https:') say(`'https' is the only allowed URL scheme${form}`);
  if (!url.host) say(`host must be specified${form}`);
  if (url.username || url.password) say('user information is not permitted in the URL');
  if (url.hash) say('fragments are not permitted in the URL');
  if (url.search) say('query parameters are not permitted in the URL');
  return errors;
}
