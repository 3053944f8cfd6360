/** `find` and `findAll` of regular expressions. */

import type { Library } from '../declarations/environment.ts';
import { declare, method } from '../declarations/function.ts';
import { intType, listType, stringType } from '../types/type.ts';
import { MadeList } from '../values/list.ts';
import { Regex } from '../values/regex.ts';
import { ErrorValue, type Value } from '../values/value.ts';

function withRegex(pattern: string, use: (regex: Regex) => Value): Value {
  const regex = Regex.of(pattern);
  return regex instanceof Regex ? use(regex) : new ErrorValue(`Illegal regex: ${regex.message}`);
}

const find = (text: string, pattern: string) => withRegex(pattern, (regex) => regex.find(text));

const findAll = (text: string, pattern: string, most: number | bigint = -1) =>
  withRegex(pattern, (regex) => new MadeList(regex.findAll(text, Number(most))));

export const regex: Library = {
  functions: [
    declare('find', method('string_find_string', [stringType, stringType], stringType, find)),
    declare(
      'findAll',
      method('string_find_all_string', [stringType, stringType], listType(stringType), findAll),
      method('string_find_all_string_int', [stringType, stringType, intType], listType(stringType), findAll),
    ),
  ],
};
