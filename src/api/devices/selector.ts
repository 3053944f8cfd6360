/**
 * Selectors of devices as functions. Upstream: k8s.io/dynamic-resource-allocation/cel; its texts reach the
 * conditions of pods.
 */

import { compile, isProgram } from '../cel/compile.ts';
import type { CelProgram } from '../cel/contract.ts';
import { deviceEnvironment } from '../cel/environments/device.ts';
import { deviceValue } from '../cel/environments/device-value.ts';
import { typeText } from '../cel/types/type.ts';
import type { Device } from '../generated/types.gen.ts';

/** A selector that cannot be compiled, or not be evaluated for a device. */
export class SelectorFailure extends Error {}

export interface CompiledSelector {
  /** Throws `SelectorFailure`. */
  matches(driver: string, device: Device): boolean;
}

/** Compiled selectors; once there are too many, the latest used ones. */
export class SelectorCache {
  readonly #entriesMax: number;
  readonly #byExpression = new Map<string, CompiledSelector>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** Throws `SelectorFailure`. */
  get(expression: string): CompiledSelector {
    const known = this.#byExpression.get(expression);
    if (known && this.#byExpression.size < this.#entriesMax) return known;
    const selector = known ?? compileSelector(expression);
    this.#byExpression.delete(expression);
    this.#byExpression.set(expression, selector);
    const [oldest] = this.#byExpression.keys();
    if (this.#byExpression.size > this.#entriesMax && oldest !== undefined) this.#byExpression.delete(oldest);
    return selector;
  }
}

function compileSelector(expression: string): CompiledSelector {
  const compilation = compile(expression, deviceEnvironment());
  if (!isProgram(compilation)) {
    throw new SelectorFailure(`CEL compile error: compilation failed: ${compilation.text}`);
  }
  const { outputType } = compilation;
  if (outputType.kind !== 'bool' && outputType.kind !== 'any') {
    const text = `must evaluate to bool or the unknown type, not ${typeText(outputType)}`;
    throw new SelectorFailure(`CEL compile error: ${text}`);
  }
  return { matches: (driver, device) => evaluate(compilation, celDevice(driver, device)) };
}

function evaluate(program: CelProgram, device: Record<string, unknown> | string): boolean {
  if (typeof device === 'string') throw new SelectorFailure(`CEL runtime error: ${device}`);
  const result = program.evaluate({ device });
  if (!result.ok) throw new SelectorFailure(`CEL runtime error: ${result.error}`);
  if (typeof result.value === 'boolean') return result.value;
  throw new SelectorFailure('CEL runtime error: CEL result could not be converted to bool');
}

type DeviceValue = ReturnType<typeof deviceValue>;

/**
 * By device, then by driver: many selectors ask about the same one. Caches of objects hold equal parts once, so that one
 * device may stand in the slices of several drivers.
 */
const values = new WeakMap<Device, Map<string, DeviceValue>>();

function celDevice(driver: string, device: Device): DeviceValue {
  const byDriver = values.get(device) ?? new Map<string, DeviceValue>();
  values.set(device, byDriver);
  const value = byDriver.get(driver) ?? deviceValue(driver, device);
  byDriver.set(driver, value);
  return value;
}
