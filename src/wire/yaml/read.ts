/**
 * YAML as the API server reads it: the result of sigs.k8s.io/yaml, in time linear in the length of the text.
 *
 *   1. the first document of the text; later documents are ignored
 *   2. events, by js-yaml
 *   3. values: a plain scalar is resolved by `scalar.ts`, an alias is a copy, a merge key inserts in its
 *      place
 */

import { parseEvents, YAMLException } from 'js-yaml';
import { nestingMax } from '../json/nesting.ts';
import { complaintText } from './complaints.ts';
import { Composer, type YamlDocument } from './composer.ts';
import { YamlError } from './error.ts';
import { indentFlowLines } from './flow-lines.ts';

/** Throws `YamlError`. */
export function readYaml(source: Uint8Array | string): YamlDocument {
  const text = firstDocument(typeof source === 'string' ? source : decoded(source));
  try {
    return composed(text);
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') throw yamlError(error);
  }
  try {
    return composed(indentFlowLines(text));
  } catch (error) {
    throw yamlError(error);
  }
}

function composed(text: string): YamlDocument {
  return new Composer(text, parseEvents(text, { maxDepth: nestingMax })).document();
}

function yamlError(error: unknown): unknown {
  if (error instanceof YAMLException) return new YamlError(complaintText(error));
  if (error instanceof RangeError) return new YamlError('yaml: exceeded max depth');
  return error;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new YamlError('yaml: invalid leading UTF-8 octet');
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Up to the marker that ends the first document: a second `---`, or the first one after content. */
function firstDocument(text: string): string {
  const marker = /^(?:---|\.\.\.)(?=\s|$)/gm;
  const first = marker.exec(text);
  if (!first) return text;
  const isBeginning = first[0] === '---' && hasNoContent(text.slice(0, first.index));
  const end = isBeginning ? marker.exec(text) : first;
  return end ? text.slice(0, end.index) : text;
}

/** Blank lines, comments and directives only. */
function hasNoContent(text: string): boolean {
  return text.split(/[\r\n\u2028\u2029]/).every((line) => /^\s*(?:[#%]|$)/.test(line));
}
