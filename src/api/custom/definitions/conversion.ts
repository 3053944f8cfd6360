/** Validates spec.conversion of a definition. */

import type { CustomResourceConversion } from '../../generated/types.gen.ts';
import { caBundleProblem, validateCaBundle } from '../../validation/ca-bundle.ts';
import { checkOneOf } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue, required } from '../../validation/field-error.ts';
import { dns1035Label } from '../../validation/validators.ts';
import { validateClientConfig } from '../../validation/webhook-client.ts';

const reviewVersions = ['v1', 'v1beta1'];

export interface ConversionStrictness {
  readonly requiresKnownReview: boolean;
  readonly requiresCaBundle: boolean;
}

export function validateConversion(
  { strategy, webhook }: CustomResourceConversion,
  path: string,
  { requiresKnownReview, requiresCaBundle }: ConversionStrictness,
): FieldError[] {
  const errors = checkOneOf(`${path}.strategy`, strategy, ['None', 'Webhook']);
  const { clientConfig } = webhook ?? {};
  const versions = webhook?.conversionReviewVersions ?? [];
  const configPath = `${path}.webhookClientConfig`;
  const versionsPath = `${path}.conversionReviewVersions`;
  if (strategy !== 'Webhook') {
    const text = 'should not be set when strategy is not set to Webhook';
    if (clientConfig) errors.push(forbiddenField(configPath, text));
    if (versions.length > 0) errors.push(forbiddenField(versionsPath, text));
    return errors;
  }
  if (!clientConfig) errors.push(required(configPath, 'required when strategy is set to Webhook'));
  else errors.push(...validateClientConfig(clientConfig, configPath));
  const { caBundle = '' } = clientConfig ?? {};
  if (requiresCaBundle) errors.push(...validateCaBundle(caBundle, `${configPath}.caBundle`));
  return [...errors, ...validateReviewVersions(versions, versionsPath, requiresKnownReview)];
}

/** Whether an old definition names a ConversionReview version that the server supports. */
export function hasKnownReview({ webhook }: Partial<CustomResourceConversion> = {}): boolean {
  const versions = webhook?.conversionReviewVersions ?? [];
  return versions.length === 0 || versions.some((version) => reviewVersions.includes(version));
}

/** Whether its CA bundle, if it has one, cannot be used. */
export function hasBadCaBundle({ webhook }: Partial<CustomResourceConversion> = {}): boolean {
  return caBundleProblem(webhook?.clientConfig?.caBundle ?? '') !== undefined;
}

function validateReviewVersions(
  versions: readonly string[],
  path: string,
  requiresKnown: boolean,
): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, version] of versions.entries()) {
    if (seen.has(version)) errors.push(invalidValue(`${path}[${i}]`, version, 'duplicate version'));
    else for (const text of dns1035Label(version)) errors.push(invalidValue(`${path}[${i}]`, version, text));
    seen.add(version);
  }
  if (requiresKnown && !versions.some((version) => reviewVersions.includes(version))) {
    errors.push(invalidValue(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  }
  return errors;
}
