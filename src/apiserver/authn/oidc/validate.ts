/** Validates an AuthenticationConfiguration with upstream's messages, and compiles its expressions. */

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
  tooMany,
} from '#api/validation/field-error.ts';
import { checkIssuer } from './check-issuer.ts';
import type { AuthenticationConfiguration, JwtIssuer, PrefixedClaim, Rule } from './configuration.ts';
import { reads } from './expression-reads.ts';
import { Findings } from './findings.ts';

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

/** Throws one error with all problems. */
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
  readonly #findings: Findings;
  readonly #disallowed: readonly string[];

  constructor(issuer: JwtIssuer, at: string, errors: FieldError[], disallowed: readonly string[]) {
    this.#issuer = issuer;
    this.#findings = new Findings(at, errors);
    this.#disallowed = disallowed;
  }

  compiled(): CompiledIssuer {
    checkIssuer(this.#issuer.issuer, this.#findings, this.#disallowed);
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
      this.#findings.invalid('claimMappings.username.expression', username.expression, verifiedMissing);
    }
    return { configured: this.#issuer, ...mappings, claimRules, userRules };
  }

  #claimRules(): CompiledRule[] {
    const { claimValidationRules: rules } = this.#issuer;
    const compiled: CompiledRule[] = [];
    for (const [index, rule] of rules.entries()) {
      const at = `claimValidationRules[${index}]`;
      const isSeen = (key: 'claim' | 'expression') =>
        rules.findIndex((other) => other[key] === rule[key]) < index;
      if (rule.claim !== '' && rule.expression !== '') this.#findings.invalid(at, rule.claim, bothSet);
      else if (rule.claim !== '') {
        if (rule.message !== '') {
          this.#findings.invalid(`${at}.message`, rule.message, 'may not be specified when claim is set');
        }
        if (isSeen('claim')) this.#findings.duplicate(`${at}.claim`, rule.claim);
      } else if (rule.expression === '') this.#findings.required(at, 'claim or expression is required');
      else {
        if (rule.requiredValue !== '') {
          this.#findings.invalid(
            `${at}.requiredValue`,
            rule.requiredValue,
            'may not be specified when expression is set',
          );
        }
        if (isSeen('expression')) this.#findings.duplicate(`${at}.expression`, rule.expression);
        else compiled.push(...this.#rule(rule, `${at}.expression`, claimsEnvironment()));
      }
    }
    return compiled;
  }

  #userRules(): CompiledRule[] {
    const { userValidationRules: rules } = this.#issuer;
    return rules.flatMap((rule, index) => {
      const at = `userValidationRules[${index}].expression`;
      if (rule.expression === '') this.#findings.required(at);
      else if (rules.findIndex(({ expression }) => expression === rule.expression) < index) {
        this.#findings.duplicate(at, rule.expression);
      } else return this.#rule(rule, at, userEnvironment());
      return [];
    });
  }

  #rule({ expression, message }: Rule, at: string, environment: CelEnvironment): CompiledRule[] {
    const program = this.#compile(expression, at, environment);
    if (!program) return [];
    if (program.outputType.kind === 'bool') return [{ program, message }];
    this.#findings.invalid(at, expression, 'must evaluate to bool');
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
      this.#findings.add(checkDomainPrefixedPath(this.#findings.pathOf(`${at}.key`), key));
      if (key !== key.toLowerCase()) this.#findings.invalid(`${at}.key`, key, 'must be lowercase');
      if (/^([^/]*\.)?(k8s|kubernetes)\.io\//.test(key)) {
        const why = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
        this.#findings.invalid(`${at}.key`, key, why);
      }
      if (extra.findIndex((other) => other.key === key) < index) this.#findings.duplicate(`${at}.key`, key);
      else if (valueExpression === '') this.#findings.required(`${at}.valueExpression`);
      else {
        const program = this.#compile(valueExpression, `${at}.valueExpression`, claimsEnvironment());
        if (program) found.push({ key, program });
      }
    }
    return { ...defined(programs), extra: found };
  }

  #prefixed(mapping: PrefixedClaim, at: string, isRequired: boolean): CelProgram | undefined {
    const { claim, expression, prefix } = mapping;
    if (expression !== '' && claim !== '') this.#findings.invalid(at, '', bothSet);
    else if (expression !== '') {
      if (prefix !== undefined) {
        this.#findings.invalid(`${at}.prefix`, prefix, 'may not be specified when expression is set');
      }
      return this.#compile(expression, `${at}.expression`, claimsEnvironment());
    } else if (claim === '' && isRequired) this.#findings.required(at, 'claim or expression is required');
    else if (claim !== '' && prefix === undefined) {
      const why =
        'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
      this.#findings.required(`${at}.prefix`, why);
    }
    return undefined;
  }

  #uid({ claim, expression }: JwtIssuer['claimMappings']['uid']): CelProgram | undefined {
    const at = 'claimMappings.uid';
    if (claim !== '' && expression !== '') this.#findings.invalid(at, '', bothSet);
    else if (expression !== '') return this.#compile(expression, `${at}.expression`, claimsEnvironment());
    return undefined;
  }

  #compile(expression: string, at: string, environment: CelEnvironment): CelProgram | undefined {
    const compiled = compile(expression, environment);
    if (isProgram(compiled)) return compiled;
    this.#findings.invalid(at, expression, `compilation failed: ${compiled.text}`);
    return undefined;
  }
}

type Programs = { readonly [Name in 'username' | 'groups' | 'uid']?: CelProgram };

function defined(programs: { [Name in keyof Programs]: CelProgram | undefined }): Programs {
  return Object.fromEntries(Object.entries(programs).filter(([, program]) => program !== undefined));
}
