/** The parser's errors in go-yaml's wording, where go-yaml has the same error. */

import type { YAMLException } from 'js-yaml';
import { flowComplaint } from './flow-complaint.ts';

const worded: readonly (readonly [complaint: RegExp, character: RegExp, words: string])[] = [
  [/^bad indentation of a mapping/, /^:/, 'mapping values are not allowed in this context'],
  [/^bad indentation of a mapping/, /^-/, 'block sequence entries are not allowed in this context'],
  [/^bad indentation of a mapping/, /^\?/, 'mapping keys are not allowed in this context'],
  [/^(?:bad indentation|end of the stream or)/, /^[@`%\t]/, 'found character that cannot start any token'],
  [/^bad indentation of a mapping/, /^/, 'did not find expected key'],
  [/^bad indentation of a sequence/, /^/, "did not find expected '-' indicator"],
  [/^end of the stream or/, /^:/, 'mapping values are not allowed in this context'],
  [/^unexpected end of the stream within a .* quoted/, /^/, 'found unexpected end of stream'],
  [/^expected the node content/, /^/, 'did not find expected node content'],
  [/^expected ':' after/, /^/, "could not find expected ':'"],
  [/^tab characters/, /^/, 'found character that cannot start any token'],
  [/non-printable/, /^/, 'control characters are not allowed'],
  [/^unknown escape/, /^/, 'found unknown escape character'],
  [/^expected hexadecimal/, /^/, 'did not find expected hexdecimal number'],
  [/^name of an (?:alias|anchor)/, /^/, 'did not find expected alphabetic or numeric character'],
  [/^nesting exceeded/, /^/, 'exceeded max depth'],
  [/YAML version/, /^/, 'found incompatible YAML document'],
];

/** Complaints about lists and maps in brackets, whose words depend on which bracket is open. */
const inBrackets = /^(?:unexpected end of the stream within a flow|missed comma)/;

/** `yaml: line 3: did not find expected key`; go-yaml omits the first line's number. */
export function complaintText(error: YAMLException): string {
  const { reason, mark } = error;
  if (mark && inBrackets.test(reason)) return flowComplaint(error);
  const character = mark ? mark.buffer.slice(mark.position, mark.position + 1) : '';
  const words = worded.find(([complaint, at]) => complaint.test(reason) && at.test(character))?.[2] ?? reason;
  return mark && mark.line > 0 ? `yaml: line ${mark.line + 1}: ${words}` : `yaml: ${words}`;
}
