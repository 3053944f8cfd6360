/** The field `extenders`: programs that filter, score, bind and preempt over HTTP; upstream's defaults and checks. */

import type { JsonObject } from '#wire/json/value.ts';
import { GoDurationError, parseGoDuration } from '../../go/duration.ts';
import { isExtendedResource } from '../../validation/extended-resource.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';
import { type ConfigTypes, readStrictPart } from '../config-file.ts';
import { ConfigurationError } from '../error.ts';

/** A verb that the extender does not have is `''`. */
export interface SchedulerExtender {
  readonly urlPrefix: string;
  readonly filterVerb: string;
  readonly preemptVerb: string;
  readonly prioritizeVerb: string;
  readonly bindVerb: string;
  /** Of its scores; above 0 when it has the verb. */
  readonly weight: number;
  /** Without an authority in `tls` the server's certificate is not verified. */
  readonly enableHTTPS: boolean;
  readonly tls: ExtenderTls;
  readonly timeoutMs: number;
  /** It is sent names of nodes instead of nodes. */
  readonly nodeCacheCapable: boolean;
  /** Only pods that request one of these extended resources are its business; none: all pods are. */
  readonly managedResources: readonly string[];
  /** A pod is scheduled without it when it fails. */
  readonly ignorable: boolean;
}

/** Paths of PEM files, or the base64 of their contents, which goes first. */
export interface ExtenderTls {
  readonly insecure?: boolean;
  readonly serverName?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  readonly certData?: string;
  readonly keyData?: string;
  readonly caData?: string;
}

const types: ConfigTypes = {
  Extender: {
    urlPrefix: 'string',
    filterVerb: 'string',
    preemptVerb: 'string',
    prioritizeVerb: 'string',
    weight: 'int64',
    bindVerb: 'string',
    enableHTTPS: 'boolean',
    tlsConfig: '#ExtenderTLSConfig',
    httpTimeout: 'string',
    nodeCacheCapable: 'boolean',
    managedResources: '[]#ExtenderManagedResource',
    ignorable: 'boolean',
  },
  ExtenderManagedResource: { name: 'string', ignoredByScheduler: 'boolean' },
  ExtenderTLSConfig: {
    insecure: 'boolean',
    serverName: 'string',
    certFile: 'string',
    keyFile: 'string',
    caFile: 'string',
    certData: 'string',
    keyData: 'string',
    caData: 'string',
  },
};

const usualTimeoutMs = 5_000;

interface Written extends Partial<Omit<SchedulerExtender, 'tls' | 'timeoutMs' | 'managedResources'>> {
  readonly tlsConfig?: ExtenderTls;
  readonly httpTimeout?: string;
  readonly managedResources?: readonly { readonly name?: string; readonly ignoredByScheduler?: boolean }[];
}

export interface ReadExtenders {
  /** In the order in which they are called: those that a pod can do without come last. */
  readonly extenders: readonly SchedulerExtender[];
  /** Extended resources that the scheduler itself does not count. */
  readonly ignoredResources: readonly string[];
  readonly errors: readonly FieldError[];
}

/** Throws `ConfigurationError` for what cannot be read. */
export function readExtenders(section: readonly JsonObject[]): ReadExtenders {
  const written = section.map((each, i) => readWritten(each, `scheduler.extenders[${i}]`));
  const extenders = written.map(extenderOf);
  const managed = written.flatMap(({ managedResources = [] }) => managedResources);
  return {
    extenders: [
      ...extenders.filter(({ ignorable }) => !ignorable),
      ...extenders.filter(({ ignorable }) => ignorable),
    ],
    ignoredResources: managed.flatMap(({ name, ignoredByScheduler }) =>
      ignoredByScheduler && name !== undefined ? [name] : [],
    ),
    errors: [...verbErrors(extenders), ...resourceErrors(written), ...urlErrors(extenders)],
  };
}

function readWritten(section: JsonObject, at: string): Written {
  try {
    const written = readStrictPart(section, types, 'Extender') as Written;
    if (written.httpTimeout !== undefined) parseGoDuration(written.httpTimeout);
    return written;
  } catch (error) {
    if (error instanceof GoDurationError) {
      throw new ConfigurationError(`${at}.httpTimeout: ${error.message}`, 'it is a duration such as 5s');
    }
    const hint = `its fields: ${Object.keys(types['Extender'] ?? {}).join(', ')}`;
    throw new ConfigurationError(`${at}: ${(error as Error).message}`, hint);
  }
}

function extenderOf({ tlsConfig = {}, httpTimeout = '0', managedResources = [], ...written }: Written) {
  const usual = {
    urlPrefix: '',
    filterVerb: '',
    preemptVerb: '',
    prioritizeVerb: '',
    bindVerb: '',
    weight: 0,
    enableHTTPS: false,
    nodeCacheCapable: false,
    ignorable: false,
  };
  const timeoutMs = Number(parseGoDuration(httpTimeout)) / 1e6;
  return {
    ...usual,
    ...written,
    tls: tlsConfig,
    // Upstream waits without a limit for a negative one.
    timeoutMs: timeoutMs > 0 ? timeoutMs : usualTimeoutMs,
    managedResources: managedResources.map(({ name = '' }) => name),
  };
}

function verbErrors(extenders: readonly SchedulerExtender[]): FieldError[] {
  const binders = extenders.filter(({ bindVerb }) => bindVerb !== '').length;
  const found = `found ${binders} extenders implementing bind`;
  return [
    ...extenders.flatMap(({ prioritizeVerb, weight }, i) =>
      prioritizeVerb === '' || weight > 0
        ? []
        : [invalidValue(`extenders[${i}].weight`, weight, 'must have a positive weight applied to it')],
    ),
    ...(binders > 1 ? [invalidValue('extenders', found, 'only one extender can implement bind')] : []),
  ];
}

function resourceErrors(extenders: readonly Written[]): FieldError[] {
  const seen = new Set<string>();
  return extenders.flatMap(({ managedResources = [] }, i) =>
    managedResources.flatMap(({ name = '' }, j) => {
      const field = `extenders[${i}].managedResources[${j}].name`;
      const isRepeated = seen.has(name);
      seen.add(name);
      const repeated = invalidValue(field, name, 'duplicate extender managed resource name');
      return [...resourceNameErrors(field, name), ...(isRepeated ? [repeated] : [])];
    }),
  );
}

function resourceNameErrors(field: string, name: string): FieldError[] {
  const wrong = checkField(field, name, qualifiedName);
  if (wrong.length > 0 || isExtendedResource(name)) return wrong;
  return [invalidValue(field, name, 'is an invalid extended resource name')];
}

/** Upstream takes any text, and every pod fails by it. */
function urlErrors(extenders: readonly SchedulerExtender[]): FieldError[] {
  return extenders.flatMap(({ urlPrefix }, i) =>
    /^https?:$/.test(URL.parse(urlPrefix)?.protocol ?? '')
      ? []
      : [invalidValue(`extenders[${i}].urlPrefix`, urlPrefix, 'must be a URL of http or https')],
  );
}
