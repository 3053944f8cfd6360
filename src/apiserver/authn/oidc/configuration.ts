/**
 * Reads the AuthenticationConfiguration of apiserver.config.k8s.io in the file of `authentication-config`: trusted
 * issuers of JSON Web Tokens, the mapping of their claims, and anonymous access.
 */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { readYaml } from '#wire/yaml/read.ts';

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtIssuer[];
  readonly anonymous?: {
    readonly enabled: boolean;
    readonly conditions: readonly { readonly path: string }[];
  };
}

export interface JwtIssuer {
  readonly issuer: {
    readonly url: string;
    readonly discoveryURL: string;
    readonly certificateAuthority: string;
    readonly audiences: readonly string[];
    readonly audienceMatchPolicy: string;
    readonly egressSelectorType: string;
  };
  readonly claimValidationRules: readonly ClaimValidationRule[];
  readonly claimMappings: {
    readonly username: PrefixedClaim;
    readonly groups: PrefixedClaim;
    readonly uid: ClaimOrExpression;
    readonly extra: readonly { readonly key: string; readonly valueExpression: string }[];
  };
  readonly userValidationRules: readonly Rule[];
}

export interface ClaimOrExpression {
  readonly claim: string;
  readonly expression: string;
}

export interface PrefixedClaim extends ClaimOrExpression {
  readonly prefix?: string;
}

export interface Rule {
  readonly expression: string;
  readonly message: string;
}

export interface ClaimValidationRule extends Rule {
  readonly claim: string;
  readonly requiredValue: string;
}

export const noConfiguration: AuthenticationConfiguration = { jwt: [] };

/** All versions have the same fields. */
const versions = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`);

/** Throws with the first field of a wrong type or an unknown name. */
export function readAuthenticationConfiguration(text: string): AuthenticationConfiguration {
  if (text === '') throw new Error('empty config data');
  const { value, duplicates } = readYaml(text);
  if (duplicates[0]) throw new Error(`strict decoding error: ${duplicates[0]}`);
  const whole = new Section(value, '');
  const apiVersion = whole.text('apiVersion');
  const kind = whole.text('kind');
  if (kind !== 'AuthenticationConfiguration' || !versions.includes(apiVersion)) {
    throw new Error(`no kind "${kind}" is registered for version "${apiVersion}" in scheme`);
  }
  const anonymous = whole.section('anonymous');
  const configuration = {
    jwt: whole.list('jwt', issuerOf),
    ...(anonymous
      ? {
          anonymous: {
            enabled: anonymous.toggle('enabled'),
            conditions: anonymous.list('conditions', (condition) => ({ path: condition.text('path') })),
          },
        }
      : {}),
  };
  anonymous?.end();
  whole.end();
  return configuration;
}

function issuerOf(section: Section): JwtIssuer {
  const issuer = section.must('issuer');
  const mappings = section.must('claimMappings');
  const found = {
    issuer: {
      url: issuer.text('url'),
      discoveryURL: issuer.text('discoveryURL'),
      certificateAuthority: issuer.text('certificateAuthority'),
      audiences: issuer.texts('audiences'),
      audienceMatchPolicy: issuer.text('audienceMatchPolicy'),
      egressSelectorType: issuer.text('egressSelectorType'),
    },
    claimValidationRules: section.list('claimValidationRules', (rule) => ({
      claim: rule.text('claim'),
      requiredValue: rule.text('requiredValue'),
      expression: rule.text('expression'),
      message: rule.text('message'),
    })),
    claimMappings: {
      username: prefixed(mappings.must('username')),
      groups: prefixed(mappings.must('groups')),
      uid: claimOf(mappings.must('uid')),
      extra: mappings.list('extra', (extra) => ({
        key: extra.text('key'),
        valueExpression: extra.text('valueExpression'),
      })),
    },
    userValidationRules: section.list('userValidationRules', (rule) => ({
      expression: rule.text('expression'),
      message: rule.text('message'),
    })),
  };
  issuer.end();
  mappings.end();
  return found;
}

function prefixed(section: Section): PrefixedClaim {
  const prefix = section.has('prefix') ? { prefix: section.text('prefix') } : {};
  return { ...prefix, ...claimOf(section) };
}

function claimOf(section: Section): ClaimOrExpression {
  const found = { claim: section.text('claim'), expression: section.text('expression') };
  section.end();
  return found;
}

/** A mapping of the file whose fields are read by name; `end` throws if a field was not read. */
class Section {
  readonly #fields: JsonObject;
  readonly #path: string;
  readonly #seen = new Set<string>();

  constructor(value: unknown, path: string) {
    if (!isJsonObject(value)) throw new Error(`${path || 'the configuration'} is not a mapping`);
    this.#fields = value;
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#take(name) !== undefined;
  }

  text(name: string): string {
    return this.#typed(name, '', (value) => typeof value === 'string');
  }

  texts(name: string): readonly string[] {
    const isTexts = (value: unknown) =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.#typed<readonly string[]>(name, [], isTexts);
  }

  toggle(name: string): boolean {
    return this.#typed(name, false, (value) => typeof value === 'boolean');
  }

  section(name: string): Section | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : new Section(value, this.#at(name));
  }

  /** An empty section if it is absent. */
  must(name: string): Section {
    return this.section(name) ?? new Section({}, this.#at(name));
  }

  list<T>(name: string, read: (section: Section) => T): T[] {
    const items = this.#typed<readonly unknown[]>(name, [], Array.isArray);
    return items.map((item, index) => {
      const section = new Section(item, `${this.#at(name)}[${index}]`);
      const found = read(section);
      section.end();
      return found;
    });
  }

  end(): void {
    const unknown = Object.keys(this.#fields).find((name) => !this.#seen.has(name));
    if (unknown !== undefined) throw new Error(`strict decoding error: unknown field "${this.#at(unknown)}"`);
  }

  #typed<T>(name: string, absent: T, isValid: (value: unknown) => boolean): T {
    const value = this.#take(name);
    if (value === undefined) return absent;
    if (!isValid(value)) throw new Error(`${this.#at(name)} has the wrong type`);
    return value as T;
  }

  #take(name: string): unknown {
    this.#seen.add(name);
    return this.#fields[name] ?? undefined;
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
