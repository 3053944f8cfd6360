/** The annotations of one Ingress over the defaults of its class, read by type. */

import { Unservable } from '../../objects/certificate.ts';

export const annotationPrefix = 'nginx.ingress.kubernetes.io/';

export class AnnotationReader {
  readonly #values: Readonly<Record<string, string>>;
  readonly #defaults: Readonly<Record<string, string>>;

  /** `defaults` by the names without the prefix. */
  constructor(values: Readonly<Record<string, string>>, defaults: Readonly<Record<string, string>> = {}) {
    this.#values = values;
    this.#defaults = defaults;
  }

  /** Without the prefix; those of the object alone. */
  names(): string[] {
    const own = Object.keys(this.#values).filter((key) => key.startsWith(annotationPrefix));
    return own.map((key) => key.slice(annotationPrefix.length));
  }

  text(name: string): string | undefined {
    const value = this.#values[annotationPrefix + name] ?? this.#defaults[name];
    return value === undefined || value === '' ? undefined : value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value === 'true' || value === 'false') return value === 'true';
    throw this.bad(name, 'must be true or false');
  }

  /** A whole number from 0 to `max`. */
  count(name: string, max = 2 ** 31 - 1): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (/^\d{1,10}$/.test(value) && Number(value) <= max) return Number(value);
    throw this.bad(name, `must be a whole number from 0 to ${max}`);
  }

  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  bad(name: string, why: string): Unservable {
    return new Unservable(`annotation ${annotationPrefix}${name} ${why}`);
  }
}
