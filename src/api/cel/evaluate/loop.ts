/** Plans loops, to which macros expand. The accumulator is initialized when it is first read, as in cel-go. */

import type { ComprehensionExpr } from '../syntax/ast.ts';
import { ListValue } from '../values/list.ts';
import { MapValue } from '../values/map.ts';
import { ErrorValue, isError, typeOfValue, type Value } from '../values/value.ts';
import type { Frame, Run } from './frame.ts';
import { growing, settled } from './growing.ts';
import type { PartPlanner } from './planned.ts';

export function planLoop(planner: PartPlanner, expr: ComprehensionExpr): Run {
  const { slots } = planner;
  const range = planner.run(expr.range);
  const initial = planner.run(expr.initial);
  const accumulator = slots.take();
  const first = slots.take();
  const second = slots.take();
  const readAccumulator: Run = (frame) => (frame.slots[accumulator] ??= growing(initial(frame)));
  slots.enter(expr.accumulator, readAccumulator);
  slots.enter(expr.variable, (frame) => frame.slots[first]!);
  if (expr.secondVariable !== undefined) slots.enter(expr.secondVariable, (frame) => frame.slots[second]!);
  const condition = planner.run(expr.condition);
  const step = planner.run(expr.step);
  if (expr.secondVariable !== undefined) slots.leave();
  slots.leave();
  const result = planner.run(expr.result);
  slots.leave();

  const goesOn = (frame: Frame, key: Value, value: Value): boolean => {
    frame.slots[first] = key;
    frame.slots[second] = value;
    if (condition(frame) === false) return false;
    frame.slots[accumulator] = step(frame);
    frame.checkCost();
    return true;
  };
  const iterate = expr.secondVariable === undefined ? overOne : overTwo;
  return (frame) => {
    const values = range(frame);
    if (isError(values)) return values;
    const [before, beforeFirst, beforeSecond] = [
      frame.slots[accumulator],
      frame.slots[first],
      frame.slots[second],
    ];
    frame.slots[accumulator] = undefined;
    const error = iterate(values, (key, value) => goesOn(frame, key, value));
    const made = error ?? settled(result(frame));
    frame.slots[accumulator] = before;
    frame.slots[first] = beforeFirst;
    frame.slots[second] = beforeSecond;
    return made;
  };
}

type Visit = (key: Value, value: Value) => boolean;

/** Elements of a list, keys of a map. */
function overOne(values: Value, visit: Visit): ErrorValue | undefined {
  if (values instanceof ListValue) {
    for (let index = 0; index < values.size; index++) {
      const value = values.get(index);
      if (!visit(value, value)) break;
    }
    return undefined;
  }
  if (!(values instanceof MapValue)) return notIterable(values);
  for (const key of values.keys()) {
    if (!visit(key, key)) break;
  }
  return undefined;
}

/** Indices and elements of a list, keys and values of a map. */
function overTwo(values: Value, visit: Visit): ErrorValue | undefined {
  if (values instanceof ListValue) {
    for (let index = 0; index < values.size; index++) {
      if (!visit(index, values.get(index))) break;
    }
    return undefined;
  }
  if (!(values instanceof MapValue)) return notIterable(values);
  for (const key of values.keys()) {
    if (!visit(key, values.find(key) ?? null)) break;
  }
  return undefined;
}

const notIterable = (value: Value) =>
  new ErrorValue(`got '${typeOfValue(value).name}', expected iterable type`);
