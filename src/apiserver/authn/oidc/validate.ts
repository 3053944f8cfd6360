/** What must hold of an AuthenticationConfiguration, with upstream's texts; and its expressions, compiled. */

import { X509Certificate } from 'node:crypto';
import { compile, isProgram } from '#api/cel/compile.ts';
import type { CelEnvironment, CelProgram } from '#api/cel/contract.ts';
import { claimsEnvironment, userEnvironment } from '#api/cel/environments/authentication.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { checkDomainPrefixedPath } from '#api/validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  fieldErrorMessage,
  forbiddenField,
  invalidValue,
  required,
  tooMany,
} from '#api/validation/field-error.ts';
import type { AuthenticationConfiguration, JwtIssuer, PrefixedClaim, Rule } from './configuration.ts';
import { reads } from './expression-reads.ts';

const issuersMax = 64;
const bothSet = "claim and expression can't both be set";
const verifiedMissing =
  'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';

/** An issuer with the programs of its expressions. */
export interface CompiledIssuer {
  readonly configured: JwtIssuer;
  readonly username?: CelProgram;
  readonly groups?: CelProgram;
  readonly uid?: CelProgram;
  readonly extra: readonly { readonly key: string; readonly program: CelProgram }[];
  readonly claimRules: readonly CompiledRule[];
  readonly userRules: readonly CompiledRule[];
}

export interface CompiledRule {
  readonly program: CelProgram;
  readonly message: string;
}

/** Throws one error with everything that is wrong. */
export function compileConfiguration(
  configuration: AuthenticationConfiguration,
  disallowedIssuers: readonly string[],
): CompiledIssuer[] {
  const errors: FieldError[] = [];
  const { jwt, anonymous } = configuration;
  if (jwt.length > issuersMax) throw invalidConfiguration([tooMany('jwt', jwt.length, issuersMax)]);
  const compiled = jwt.map((issuer, index) => {
    const at = `jwt[${index}]`;
    const found = new IssuerCheck(issuer, at, errors, disallowedIssuers).compiled();
    const isSeen = (key: 'url' | 'discoveryURL') =>
      issuer.issuer[key] !== '' && jwt.findIndex((other) => other.issuer[key] === issuer.issuer[key]) < index;
    if (isSeen('url')) errors.push(duplicate(`${at}.issuer.url`, issuer.issuer.url));
    if (isSeen('discoveryURL')) {
      errors.push(duplicate(`${at}.issuer.discoveryURL`, issuer.issuer.discoveryURL));
    }
    return found;
  });
  if (anonymous && !anonymous.enabled && anonymous.conditions.length > 0) {
    const why = 'enabled should be set to true when conditions are defined';
    errors.push(invalidValue('anonymous.conditions', anonymous.conditions, why));
  }
  if (errors.length > 0) throw invalidConfiguration(errors);
  return compiled;
}

export const anonymousTwice = () =>
  new Error(
    fieldErrorMessage(
      forbiddenField(
        'anonymous',
        '--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
      ),
    ),
  );

function invalidConfiguration(errors: readonly FieldError[]): Error {
  return new Error(`invalid authentication configuration: ${aggregateText(errors.map(fieldErrorMessage))}`);
}

class IssuerCheck {
  readonly #issuer: JwtIssuer;
  readonly #at: string;
  readonly #errors: FieldError[];
  readonly #disallowed: readonly string[];

  constructor(issuer: JwtIssuer, at: string, errors: FieldError[], disallowed: readonly string[]) {
    this.#issuer = issuer;
    this.#at = at;
    this.#errors = errors;
    this.#disallowed = disallowed;
  }

  compiled(): CompiledIssuer {
    this.#checkIssuer();
    const claimRules = this.#claimRules();
    const mappings = this.#mappings();
    const userRules = this.#userRules();
    const { username, extra } = mappings;
    const usesVerified = [
      username,
      ...extra.map(({ program }) => program),
      ...claimRules.map((r) => r.program),
    ].some((program) => program && reads(program.expression, 'claims', 'email_verified'));
    if (username && reads(username.expression, 'claims', 'email') && !usesVerified) {
      this.#invalid('claimMappings.username.expression', username.expression, verifiedMissing);
    }
    return { configured: this.#issuer, ...mappings, claimRules, userRules };
  }

  #checkIssuer(): void {
    const { url, discoveryURL, audiences, audienceMatchPolicy, certificateAuthority, egressSelectorType } =
      this.#issuer.issuer;
    if (url === '') this.#required('issuer.url');
    else this.#checkUrl('issuer.url', url, this.#disallowed);
    if (discoveryURL !== '') {
      if (url !== '' && withoutSlashes(url) === withoutSlashes(discoveryURL)) {
        this.#invalid('issuer.discoveryURL', discoveryURL, 'discoveryURL must be different from URL');
      }
      this.#checkUrl('issuer.discoveryURL', discoveryURL, []);
    }
    this.#checkAudiences(audiences, audienceMatchPolicy);
    if (certificateAuthority !== '') this.#checkAuthority(certificateAuthority);
    if (egressSelectorType !== '') {
      const why = 'kybern has no egress selectors: take it out';
      this.#invalid('issuer.egressSelectorType', egressSelectorType, why);
    }
  }

  #checkUrl(field: string, text: string, disallowed: readonly string[]): void {
    if (disallowed.includes(text)) {
      const all = [...disallowed].sort().join(' ');
      this.#invalid(field, text, `URL must not overlap with disallowed issuers: [${all}]`);
    }
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'https:') {
      this.#invalid(field, text, 'URL scheme must be https');
      return;
    }
    if (url.username !== '' || url.password !== '') {
      this.#invalid(field, text, 'URL must not contain a username or password');
    }
    if (url.search !== '') this.#invalid(field, text, 'URL must not contain a query');
    if (url.hash !== '') this.#invalid(field, text, 'URL must not contain a fragment');
  }

  #checkAudiences(audiences: readonly string[], policy: string): void {
    const field = 'issuer.audiences';
    if (audiences.length === 0) {
      this.#required(field, `at least one ${this.#at}.${field} is required`);
      return;
    }
    for (const [index, audience] of audiences.entries()) {
      if (audience === '') this.#required(`${field}[${index}]`);
      if (audiences.indexOf(audience) < index) {
        this.#errors.push(duplicate(`${this.#at}.${field}[${index}]`, audience));
      }
    }
    if (policy === 'MatchAny') return;
    if (audiences.length > 1) {
      const why = 'audienceMatchPolicy must be MatchAny for multiple audiences';
      this.#invalid('issuer.audienceMatchPolicy', policy, why);
    } else if (policy !== '') {
      const why = 'audienceMatchPolicy must be empty or MatchAny for single audience';
      this.#invalid('issuer.audienceMatchPolicy', policy, why);
    }
  }

  #checkAuthority(pem: string): void {
    try {
      if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate');
      new X509Certificate(pem);
    } catch {
      const why = 'data does not contain any valid RSA or ECDSA certificates';
      this.#invalid('issuer.certificateAuthority', '<omitted>', why);
    }
  }

  #claimRules(): CompiledRule[] {
    const { claimValidationRules: rules } = this.#issuer;
    const compiled: CompiledRule[] = [];
    for (const [index, rule] of rules.entries()) {
      const at = `claimValidationRules[${index}]`;
      const isSeen = (key: 'claim' | 'expression') =>
        rules.findIndex((other) => other[key] === rule[key]) < index;
      if (rule.claim !== '' && rule.expression !== '') this.#invalid(at, rule.claim, bothSet);
      else if (rule.claim !== '') {
        if (rule.message !== '') {
          this.#invalid(`${at}.message`, rule.message, 'may not be specified when claim is set');
        }
        if (isSeen('claim')) this.#duplicate(`${at}.claim`, rule.claim);
      } else if (rule.expression === '') this.#required(at, 'claim or expression is required');
      else {
        if (rule.requiredValue !== '') {
          this.#invalid(
            `${at}.requiredValue`,
            rule.requiredValue,
            'may not be specified when expression is set',
          );
        }
        if (isSeen('expression')) this.#duplicate(`${at}.expression`, rule.expression);
        else compiled.push(...this.#rule(rule, `${at}.expression`, claimsEnvironment()));
      }
    }
    return compiled;
  }

  #userRules(): CompiledRule[] {
    const { userValidationRules: rules } = this.#issuer;
    return rules.flatMap((rule, index) => {
      const at = `userValidationRules[${index}].expression`;
      if (rule.expression === '') this.#required(at);
      else if (rules.findIndex(({ expression }) => expression === rule.expression) < index) {
        this.#duplicate(at, rule.expression);
      } else return this.#rule(rule, at, userEnvironment());
      return [];
    });
  }

  #rule({ expression, message }: Rule, at: string, environment: CelEnvironment): CompiledRule[] {
    const program = this.#compile(expression, at, environment);
    if (!program) return [];
    if (program.outputType.kind === 'bool') return [{ program, message }];
    this.#invalid(at, expression, 'must evaluate to bool');
    return [];
  }

  #mappings() {
    const { username, groups, uid, extra } = this.#issuer.claimMappings;
    const programs = {
      username: this.#prefixed(username, 'claimMappings.username', true),
      groups: this.#prefixed(groups, 'claimMappings.groups', false),
      uid: this.#uid(uid),
    };
    const found: { key: string; program: CelProgram }[] = [];
    for (const [index, { key, valueExpression }] of extra.entries()) {
      const at = `claimMappings.extra[${index}]`;
      this.#errors.push(...checkDomainPrefixedPath(`${this.#at}.${at}.key`, key));
      if (key !== key.toLowerCase()) this.#invalid(`${at}.key`, key, 'must be lowercase');
      if (/^([^/]*\.)?(k8s|kubernetes)\.io\//.test(key)) {
        const why = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
        this.#invalid(`${at}.key`, key, why);
      }
      if (extra.findIndex((other) => other.key === key) < index) this.#duplicate(`${at}.key`, key);
      else if (valueExpression === '') this.#required(`${at}.valueExpression`);
      else {
        const program = this.#compile(valueExpression, `${at}.valueExpression`, claimsEnvironment());
        if (program) found.push({ key, program });
      }
    }
    return { ...defined(programs), extra: found };
  }

  #prefixed(mapping: PrefixedClaim, at: string, isRequired: boolean): CelProgram | undefined {
    const { claim, expression, prefix } = mapping;
    if (expression !== '' && claim !== '') this.#invalid(at, '', bothSet);
    else if (expression !== '') {
      if (prefix !== undefined) {
        this.#invalid(`${at}.prefix`, prefix, 'may not be specified when expression is set');
      }
      return this.#compile(expression, `${at}.expression`, claimsEnvironment());
    } else if (claim === '' && isRequired) this.#required(at, 'claim or expression is required');
    else if (claim !== '' && prefix === undefined) {
      const why =
        'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
      this.#required(`${at}.prefix`, why);
    }
    return undefined;
  }

  #uid({ claim, expression }: JwtIssuer['claimMappings']['uid']): CelProgram | undefined {
    const at = 'claimMappings.uid';
    if (claim !== '' && expression !== '') this.#invalid(at, '', bothSet);
    else if (expression !== '') return this.#compile(expression, `${at}.expression`, claimsEnvironment());
    return undefined;
  }

  #compile(expression: string, at: string, environment: CelEnvironment): CelProgram | undefined {
    const compiled = compile(expression, environment);
    if (isProgram(compiled)) return compiled;
    this.#invalid(at, expression, `compilation failed: ${compiled.text}`);
    return undefined;
  }

  #required(field: string, detail = ''): void {
    this.#errors.push(required(`${this.#at}.${field}`, detail));
  }

  #invalid(field: string, value: unknown, detail: string): void {
    this.#errors.push(invalidValue(`${this.#at}.${field}`, value, detail));
  }

  #duplicate(field: string, value: unknown): void {
    this.#errors.push(duplicate(`${this.#at}.${field}`, value));
  }
}

type Programs = { readonly [Name in 'username' | 'groups' | 'uid']?: CelProgram };

function defined(programs: { [Name in keyof Programs]: CelProgram | undefined }): Programs {
  return Object.fromEntries(Object.entries(programs).filter(([, program]) => program !== undefined));
}

function withoutSlashes(url: string): string {
  return url.replace(/\/+$/, '');
}
