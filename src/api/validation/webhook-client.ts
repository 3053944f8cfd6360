/** Where a webhook is: a URL, or a service of the cluster. */

import { type FieldError, invalidValue, required } from './field-error.ts';
import { dns1123Subdomain, portNumber } from './validators.ts';

interface ServiceReference {
  readonly name?: string;
  readonly namespace?: string;
  readonly port?: number;
  readonly path?: string;
}

interface ClientConfig {
  readonly url?: string;
  readonly service?: ServiceReference;
}

export function validateClientConfig({ url, service }: ClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  return service ? validateService(service, `${path}.service`) : validateUrl(url!, `${path}.url`);
}

function validateService({ name, namespace, path, port = 0 }: ServiceReference, field: string): FieldError[] {
  const wrongPort = portNumber(port);
  return [
    // As upstream, which reports a missing namespace as a missing name, and a missing name as a missing namespace.
    ...(namespace ? [] : [required(`${field}.name`)]),
    ...(name ? [] : [required(`${field}.namespace`)]),
    ...(wrongPort.length > 0
      ? [invalidValue(`${field}.port`, port, `port is not valid: ${wrongPort.join(', ')}`)]
      : []),
    ...(path ? validatePath(path, `${field}.path`) : []),
  ];
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '/') return [];
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')];
  const steps = path.slice(1).replace(/\/$/, '').split('/');
  return [
    ...(path.startsWith('/') ? [] : [invalidValue(field, path, "must start with a '/'")]),
    ...steps.flatMap((step, i) => {
      const problems =
        step === '' ? [' may not be empty'] : dns1123Subdomain(step).map((text) => `: ${text}`);
      return problems.map((text) => invalidValue(field, path, `segment[${i}]${text}`));
    }),
  ];
}

const form = '; desired format: https://host[/path]';
const urlParts = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/is;

function validateUrl(text: string, field: string): FieldError[] {
  const problem = urlParseProblem(text);
  if (problem) {
    return [required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: ${problem}${form}`)];
  }
  const [, scheme = '', authority = '', query = '', fragment = ''] = urlParts.exec(text)!;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const errors: FieldError[] = [];
  const say = (value: string, why: string) => errors.push(invalidValue(field, value, why));
  const protocol = scheme.toLowerCase();
  if (protocol !== 'https') say(protocol, `'https' is the only allowed URL scheme${form}`);
  if (host === '') say(host, `host must be specified${form}`);
  if (at >= 0) say(authority.slice(0, at), 'user information is not permitted in the URL');
  if (fragment) say(fragment, 'fragments are not permitted in the URL');
  if (query) say(query, 'query parameters are not permitted in the URL');
  return errors;
}

/** In the words of Go's `net/url`. */
export function urlParseProblem(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text.startsWith(':')) return 'missing protocol scheme';
  const badEscape = /%(?![0-9a-f]{2}).{0,2}/i.exec(text.split('?', 1)[0]!)?.[0];
  if (badEscape !== undefined) return `invalid URL escape "${badEscape}"`;
  const [, scheme, authority = ''] = urlParts.exec(text) ?? [];
  const [first = ''] = text.split('/', 1);
  if (scheme === undefined && !text.startsWith('//') && first.includes(':')) {
    return 'first path segment in URL cannot contain colon';
  }
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const odd = /[ "<>\\^`{|}]/.exec(host)?.[0];
  if (odd !== undefined) return `invalid character ${JSON.stringify(odd)} in host name`;
  const port = /^(?:\[[^\]]*\]|[^:]*)(:.*)?$/s.exec(host)?.[1];
  return port !== undefined && !/^:\d*$/.test(port) ? `invalid port "${port}" after host` : undefined;
}
