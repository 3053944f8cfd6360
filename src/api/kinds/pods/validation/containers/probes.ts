/** Validation of probes and lifecycle hooks: exactly one handler, valid numbers. */

import type {
  Container,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
} from '../../../../generated/types.gen.ts';
import { checkField, checkNonNegative, checkPortNumberOrName } from '../../../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../../../validation/field-error.ts';
import { httpHeaderName } from '../../../../validation/validators.ts';

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

export function validateProbes(
  container: Container,
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[kind];
    if (!probe) continue;
    const at = `${path}.${kind}`;
    errors.push(...validateProbe(probe, graceSeconds, at));
    if (kind !== 'readinessProbe') {
      if (probe.successThreshold !== 1) {
        errors.push(invalidValue(`${at}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
      }
    } else if (probe.terminationGracePeriodSeconds !== undefined) {
      const text = 'must not be set for readinessProbes';
      errors.push(
        invalidValue(`${at}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, text),
      );
    }
  }
  return errors;
}

const probeNumbers = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbe(probe: Probe, graceSeconds: number | undefined, path: string): FieldError[] {
  const errors = validateHandler(probe, graceSeconds, path);
  for (const key of probeNumbers) errors.push(...checkNonNegative(`${path}.${key}`, probe[key]));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  return errors;
}

export function validateLifecycle(
  lifecycle: Lifecycle | undefined,
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  return (['postStart', 'preStop'] as const).flatMap((hook) => {
    const handler = lifecycle?.[hook];
    return handler ? validateHandler(handler, graceSeconds, `${path}.${hook}`) : [];
  });
}

/** The first handler is validated; each further one is an error. */
function validateHandler(handler: Handler, graceSeconds: number | undefined, path: string): FieldError[] {
  const checks: Record<string, (() => FieldError[]) | undefined> = {
    exec: handler.exec && (() => (handler.exec!.command?.length ? [] : [required(`${path}.exec.command`)])),
    httpGet: handler.httpGet && (() => validateHttpGet(handler.httpGet!, `${path}.httpGet`)),
    tcpSocket:
      handler.tcpSocket && (() => checkPortNumberOrName(`${path}.tcpSocket.port`, handler.tcpSocket!.port)),
    grpc: handler.grpc && (() => checkPortNumberOrName(`${path}.grpc.port`, handler.grpc!.port)),
    sleep: handler.sleep && (() => validateSleep(handler.sleep!.seconds ?? 0, graceSeconds, `${path}.sleep`)),
  };
  const present = Object.entries(checks).filter(([, check]) => check);
  if (present.length === 0) return [required(path, 'must specify a handler type')];
  return present.flatMap(([name, check], i) =>
    i === 0 ? check!() : [forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type')],
  );
}

function validateHttpGet(http: HTTPGetAction, path: string): FieldError[] {
  const errors = http.path ? [] : [required(`${path}.path`)];
  errors.push(...checkPortNumberOrName(`${path}.port`, http.port));
  if (http.scheme !== 'HTTP' && http.scheme !== 'HTTPS') {
    errors.push(notSupported(`${path}.scheme`, http.scheme ?? '', ['HTTP', 'HTTPS']));
  }
  for (const header of http.httpHeaders ?? []) {
    errors.push(...checkField(`${path}.httpHeaders`, header.name, httpHeaderName));
  }
  return errors;
}

function validateSleep(seconds: number, graceSeconds: number | undefined, path: string): FieldError[] {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return [];
  const text = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  return [invalidValue(path, seconds, text)];
}
