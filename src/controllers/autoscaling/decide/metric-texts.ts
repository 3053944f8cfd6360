/** How upstream prints what metrics ask for. */

import type { LabelSelector, MetricIdentifier } from '#api/generated/types.gen.ts';
import { Quantity } from '#api/values/quantity.ts';
import { selectorText } from '../../shared/selector-text.ts';

/** `qps(&LabelSelector{…})`, `qps(nil)`. */
export function identifierText({ name, selector }: MetricIdentifier): string {
  return `${name}(${pointerText(selector)})`;
}

export function pointerText(selector: LabelSelector | undefined): string {
  return selector ? selectorText(selector) : 'nil';
}

const inPowersOfTwo = 'memory';

/** `thousandths` as a status holds them; memory in powers of two, as metrics servers write it. */
export function amountText(thousandths: bigint, resource = ''): string {
  return new Quantity(thousandths, -3, resource === inPowersOfTwo ? 'BinarySI' : 'DecimalSI').toString();
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
