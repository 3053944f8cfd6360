/** The named formats of Kubernetes: `format.dns1123Label().validate(name)`. */

import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  qualifiedName,
} from '../../validation/validators.ts';
import type { Library } from '../declarations/environment.ts';
import { declare, method, overload } from '../declarations/function.ts';
import { listType, optionalType, stringType } from '../types/type.ts';
import { MadeList } from '../values/list.ts';
import { none, Optional } from '../values/optional.ts';
import { isDate, isDateTime } from '../values/schema-times.ts';
import { FormatValue, formatType } from './format/value.ts';
import { checkRequestUri } from './urls/parse.ts';

/** The prefix of a generated name may end in a dash. */
const asPrefix = (check: (name: string) => readonly string[]) => (name: string) =>
  check(name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name);

const unless = (isValid: (text: string) => boolean, message: string) => (text: string) =>
  isValid(text) ? [] : [message];

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

function uri(text: string): readonly string[] {
  const problem = checkRequestUri(text);
  return problem === undefined ? [] : [problem.message];
}

const uuidPatternSize = 70;
const dateTimePatternSize = 71;

/** By the name in expressions; with the size of a regular expression that would check it. */
const formats: Readonly<Record<string, FormatValue>> = {
  dns1123Label: new FormatValue('DNS1123Label', 30, dns1123Label),
  dns1123Subdomain: new FormatValue('DNS1123Subdomain', 60, dns1123Subdomain),
  dns1035Label: new FormatValue('DNS1035Label', 30, dns1035Label),
  qualifiedName: new FormatValue('QualifiedName', 60, qualifiedName),
  dns1123LabelPrefix: new FormatValue('DNS1123LabelPrefix', 30, asPrefix(dns1123Label)),
  dns1123SubdomainPrefix: new FormatValue('DNS1123SubdomainPrefix', 60, asPrefix(dns1123Subdomain)),
  dns1035LabelPrefix: new FormatValue('DNS1035LabelPrefix', 30, asPrefix(dns1035Label)),
  labelValue: new FormatValue('LabelValue', 40, labelValue),
  uri: new FormatValue('URI', 1103, uri),
  uuid: new FormatValue(
    'uuid',
    uuidPatternSize,
    unless((text) => uuid.test(text), 'does not match the UUID format'),
  ),
  byte: new FormatValue(
    'byte',
    84,
    unless((text) => base64.test(text), 'invalid base64'),
  ),
  date: new FormatValue('date', dateTimePatternSize, unless(isDate, 'invalid date')),
  datetime: new FormatValue('datetime', dateTimePatternSize, unless(isDateTime, 'invalid datetime')),
};

function validate(format: FormatValue, text: string): Optional {
  const messages = format.validate(text);
  return messages.length === 0 ? none : new Optional(new MadeList([...messages]));
}

export const namedFormats: Library = {
  functions: [
    declare(
      'validate',
      method('format-validate', [formatType, stringType], optionalType(listType(stringType)), validate),
    ),
    declare(
      'format.named',
      overload('format-named', [stringType], optionalType(formatType), (name: string) =>
        Object.hasOwn(formats, name) ? new Optional(formats[name]!) : none,
      ),
    ),
    ...Object.entries(formats).map(([name, format]) => {
      return declare(
        `format.${name}`,
        overload(`format.${name}`, [], formatType, () => format),
      );
    }),
  ],
};
