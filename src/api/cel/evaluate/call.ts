/** Plans function calls: the overload, chosen at evaluation where the checker left several, and the cost. */

import type { Checked } from '../check/checked.ts';
import { callCostOf } from '../cost/call-cost.ts';
import { acceptsValue, type Overload } from '../declarations/function.ts';
import { type CallExpr, operators } from '../syntax/ast.ts';
import { mapInsert } from '../syntax/two-variable-macros.ts';
import { ErrorValue, isError, typeOfValue, type Value } from '../values/value.ts';
import type { Run } from './frame.ts';
import { growIfOwn } from './growing.ts';
import { type Plan, runOf } from './planned.ts';

export function planCall(checked: Checked, expr: CallExpr, name: string, args: readonly Plan[]): Run {
  const overloads = checked.overloads.get(expr) ?? [];
  const id = overloads.length === 1 ? overloads[0]!.id : '';
  const runs = args.map(runOf);
  const cost = callCostOf(name, id);
  const call = codeOf(checked, name, overloads);
  if (name === operators.notStrictlyFalse) return notStrictlyFalse(runs[0]!);
  if (runs.length === 1) return unary(runs[0]!, call, cost);
  if (runs.length === 2) return binary(runs[0]!, runs[1]!, call, cost);
  return variadic(runs, call, cost);
}

type Code = (args: readonly Value[]) => Value;
type Cost = (args: readonly Value[], result: Value) => number;

function codeOf(checked: Checked, name: string, overloads: readonly Overload[]): Code {
  const [first] = overloads;
  const isGrowing = name === operators.add || name === mapInsert;
  if (first?.isGeneric && first.call !== undefined) {
    const generic = first.call;
    return isGrowing ? (args) => growIfOwn(name, args) ?? generic(...args) : (args) => generic(...args);
  }
  const candidates = overloads.length === 1 ? overloads : (checked.environment.overloads(name) ?? []);
  return (args) => {
    if (isGrowing) {
      const grown = growIfOwn(name, args);
      if (grown !== undefined) return grown;
    }
    for (const overload of candidates) {
      if (overload.call !== undefined && accepts(overload, args)) return overload.call(...args);
    }
    const types = args.map((arg) => typeOfValue(arg).name).join(', ');
    return new ErrorValue(`no such overload: ${name}(${types})`);
  };
}

function accepts(overload: Overload, args: readonly Value[]): boolean {
  if (overload.args.length !== args.length) return false;
  for (let index = 0; index < args.length; index++) {
    if (!acceptsValue(overload.args[index]!, args[index]!)) return false;
  }
  return true;
}

function unary(arg: Run, call: Code, cost: Cost): Run {
  return (frame) => {
    const value = arg(frame);
    const args = [value];
    const result = isError(value) ? value : call(args);
    frame.cost += cost(args, result);
    return result;
  };
}

/** Both operands are evaluated, even if the first is an error. */
function binary(left: Run, right: Run, call: Code, cost: Cost): Run {
  return (frame) => {
    const first = left(frame);
    const second = right(frame);
    const args = [first, second];
    const result = isError(first) ? first : isError(second) ? second : call(args);
    frame.cost += cost(args, result);
    return result;
  };
}

/** Stops at the first argument that is an error; the call itself then costs nothing, unless it is the last argument. */
function variadic(runs: readonly Run[], call: Code, cost: Cost): Run {
  return (frame) => {
    const args: Value[] = [];
    for (const run of runs) {
      const value = run(frame);
      args.push(value);
      if (!isError(value)) continue;
      if (args.length === runs.length) frame.cost += cost(args, value);
      return value;
    }
    const result = call(args);
    frame.cost += cost(args, result);
    return result;
  };
}

/** The loop condition of `all` and `exists`: true for anything but false, errors too. */
function notStrictlyFalse(run: Run): Run {
  return (frame) => {
    const value = run(frame);
    frame.cost++;
    return typeof value === 'boolean' ? value : true;
  };
}
