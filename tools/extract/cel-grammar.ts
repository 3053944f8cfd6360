/**
 * Reads the grammar of CEL, as the parser generator ANTLR has compiled it into cel-go, into
 * `src/api/cel/syntax/grammar.gen.json`: the state machines of the lexer and the parser, and the names of tokens and
 * rules. They decide what upstream's messages about syntax say.
 *
 *   go mod download github.com/google/cel-go@v0.26.0 and then sh tools/run tools/extract/cel-grammar.ts ITS_FOLDER
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: extract/cel-grammar.ts FOLDER');

const lexer = readFileSync(join(folder, 'parser/gen/cel_lexer.go'), 'utf8');
const parser = readFileSync(join(folder, 'parser/gen/cel_parser.go'), 'utf8');

/** The text between the braces of an assignment. */
function assignedText(source: string, name: string): string {
  const found = new RegExp(`${name}\\s*=\\s*\\[\\](?:int32|string)\\{([^}]*?)\\n\\t*\\}`, 'is').exec(source);
  if (found === null) throw new Error(`no ${name}`);
  return found[1]!;
}

const numbers = (source: string) => (assignedText(source, 'SerializedATN').match(/-?\d+/g) ?? []).map(Number);

/** Names of literals contain braces. */
function namesOf(source: string, name: string): (string | null)[] {
  const start = source.indexOf(`${name} = []string{`);
  const end = source.indexOf('\n\t}', start);
  const quoted = source.slice(start, end).match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return quoted.map((text) => (JSON.parse(text) as string) || null);
}

const grammar = {
  literalNames: namesOf(parser, 'LiteralNames'),
  symbolicNames: namesOf(parser, 'SymbolicNames'),
  lexer: { rules: namesOf(lexer, 'RuleNames'), machine: numbers(lexer) },
  parser: { rules: namesOf(parser, 'RuleNames'), machine: numbers(parser) },
};
const file = join(import.meta.dirname, '../../src/api/cel/syntax/grammar.gen.json');
writeFileSync(file, `${JSON.stringify(grammar)}\n`);
