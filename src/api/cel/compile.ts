/** Compiles expressions: text → syntax tree → types → program. */

import { type Checked, typeOf } from './check/checked.ts';
import { check } from './check/checker.ts';
import { validate } from './check/validators.ts';
import {
  type CelCompilation,
  type CelCost,
  type CelEnvironment,
  type CelIssues,
  type CelProgram,
  type CelResult,
  costLimits,
} from './contract.ts';
import { estimate } from './cost/estimate.ts';
import { Environment } from './declarations/environment.ts';
import { Frame, OverLimit, type Run } from './evaluate/frame.ts';
import { planProgram } from './evaluate/plan.ts';
import { PlanError } from './evaluate/planned.ts';
import { Slots } from './evaluate/slots.ts';
import { parse } from './syntax/parser.ts';
import type { CelType } from './types/type.ts';
import { isError, type View } from './values/value.ts';
import { viewOf } from './values/view.ts';

export function compile(expression: string, environment: CelEnvironment): CelCompilation {
  if (!(environment instanceof Environment)) throw new Error('an environment of this room');
  const { expr, issues } = parse(expression, environment.macros);
  if (!issues.isEmpty) return issues.result();
  const checked = check(expr, environment, issues);
  if (issues.isEmpty) validate(checked, issues);
  if (!issues.isEmpty) return issues.result();
  return planned(expression, checked);
}

export const isProgram = (compilation: CelCompilation): compilation is CelProgram =>
  'evaluate' in compilation;

function planned(expression: string, checked: Checked): CelCompilation {
  const slots = new Slots((name) => checked.environment.variables.has(name));
  try {
    return new Program(expression, checked, planProgram(checked, slots), slots);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return instantiationFailed(error.message);
  }
}

/** As upstream: an error that the checker does not find is printed without a position. */
const instantiationFailed = (message: string): CelIssues => ({
  issues: [],
  text: `program instantiation failed: ${message}`,
});

interface Binding {
  readonly name: string;
  readonly slot: number;
  readonly view: View;
}

class Program implements CelProgram {
  readonly expression: string;
  readonly outputType: CelType;
  readonly variablesRead: ReadonlySet<string>;
  readonly #checked: Checked;
  readonly #run: Run;
  readonly #slotCount: number;
  readonly #bindings: readonly Binding[];
  #estimate: CelCost | undefined;

  constructor(expression: string, checked: Checked, run: Run, slots: Slots) {
    this.expression = expression;
    this.outputType = typeOf(checked, checked.expr);
    this.variablesRead = new Set(slots.read.keys());
    this.#checked = checked;
    this.#run = run;
    this.#slotCount = slots.count;
    this.#bindings = Array.from(slots.read, ([name, slot]) => {
      return { name, slot, view: viewOf(checked.environment.variables.get(name)!) };
    });
  }

  evaluate(bindings: Readonly<Record<string, unknown>>, costLimit: number = costLimits.call): CelResult {
    const frame = new Frame(this.#slotCount, costLimit);
    try {
      for (const { name, slot, view } of this.#bindings) frame.slots[slot] = view(bindings[name]);
      const value = this.#run(frame);
      frame.checkCost();
      if (isError(value)) return { ok: false, error: value.message, cost: frame.cost, isOverLimit: false };
      return { ok: true, value, cost: frame.cost };
    } catch (error) {
      return failed(error, frame.cost);
    }
  }

  estimateCost(): CelCost {
    this.#estimate ??= estimate(this.#checked);
    return this.#estimate;
  }
}

/** A string or a list that is too large for the machine is an error of the evaluation. */
function failed(error: unknown, cost: number): CelResult {
  if (error instanceof OverLimit) return { ok: false, error: error.message, cost, isOverLimit: true };
  if (!(error instanceof RangeError)) throw error;
  return { ok: false, error: `internal error: ${error.message}`, cost, isOverLimit: false };
}
