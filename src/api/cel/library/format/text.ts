/** The `format` function of strings: `'%d of %s'.format([1, 'x'])`. */

import type { ListValue } from '../../values/list.ts';
import { ErrorValue, isError, type Value } from '../../values/value.ts';
import { type Clause, clauses } from './clauses.ts';

/** Far more digits than a double has: without a limit the result could fill the memory. */
const precisionMax = 1000;

export interface FormatPiece {
  readonly clause: Clause;
  readonly precision: number | undefined;
}

export interface ReadFormat {
  /** The literal parts and the clauses, in order. */
  readonly pieces: readonly (string | FormatPiece)[];
  /** The error at which parsing stopped. */
  readonly problem?: ErrorValue;
}

export function readFormat(format: string, argCount: number): ReadFormat {
  const pieces: (string | FormatPiece)[] = [];
  let index = 0;
  let arg = 0;
  while (index < format.length) {
    const percent = format.indexOf('%', index);
    pieces.push(format.slice(index, percent < 0 ? undefined : percent));
    if (percent < 0) return { pieces };
    if (format[percent + 1] === '%') {
      pieces.push('%');
      index = percent + 2;
      continue;
    }
    if (arg >= argCount) return { pieces, problem: new ErrorValue(`index ${arg} out of range`) };
    const read = readClause(format.slice(percent + 1));
    if (read instanceof ErrorValue) return { pieces, problem: read };
    pieces.push(read.piece);
    index = percent + 1 + read.length;
    arg++;
  }
  return { pieces };
}

function readClause(rest: string): { piece: FormatPiece; length: number } | ErrorValue {
  if (rest === '') return new ErrorValue('unexpected end of string');
  const [written = ''] = /^\.\d*/.exec(rest) ?? [];
  const notParsed = (why: string) => new ErrorValue(`could not parse formatting clause: ${why}`);
  const inPrecision = (why: string) => notParsed(`error while parsing precision: ${why}`);
  if (written.length === rest.length) return inPrecision('could not find end of precision specifier');
  if (written === '.') {
    return inPrecision(
      'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax',
    );
  }
  const precision = written === '' ? undefined : Number(written.slice(1));
  if (precision !== undefined && precision > precisionMax) {
    return inPrecision(`precision must not exceed ${precisionMax}`);
  }
  const letter = String.fromCodePoint(rest.codePointAt(written.length)!);
  const clause = clauses.get(letter);
  if (clause === undefined) return notParsed(`unrecognized formatting clause "${letter}"`);
  return { piece: { clause, precision }, length: written.length + 1 };
}

export function formatText(format: string, args: ListValue): Value {
  const { pieces, problem } = readFormat(format, args.size);
  let text = '';
  let arg = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const formatted = piece.clause.format(args.get(arg++), piece.precision);
    if (isError(formatted)) return new ErrorValue(`error during formatting: ${formatted.message}`);
    text += formatted;
  }
  return problem ?? text;
}
