/**
 * Says what is wrong with the syntax of an expression in upstream's words, and all that is wrong. Upstream's parser is
 * made by ANTLR, which goes on after an error by the sets of tokens that its grammar expects: the same grammar, run by
 * the same library, gives the same messages. It is slow, so only expressions that the own parser rejects come here.
 */

import {
  ATNDeserializer,
  BaseErrorListener,
  CharStream,
  CommonTokenStream,
  DefaultErrorStrategy,
  type IntervalSet,
  LexerInterpreter,
  type Parser,
  ParserInterpreter,
  type RecognitionException,
  Token,
  Vocabulary,
} from 'antlr4ng';
import grammar from './grammar.gen.json' with { type: 'json' };

export interface SyntaxFinding {
  /** From 1; both undefined where the whole expression is meant. */
  readonly line?: number;
  /** From 0. */
  readonly column?: number;
  readonly message: string;
}

/** Of longer expressions only the first error is reported, in the own parser's words. */
export const explainedCharactersMax = 5000;

/** cel-go's limits. */
const recoveriesMax = 30;
const skippedTokensMax = 256;
const findingsMax = 100;

class Stop {
  readonly finding: SyntaxFinding | undefined;

  constructor(finding?: SyntaxFinding) {
    this.finding = finding;
  }
}

export function explainSyntax(text: string): SyntaxFinding[] {
  const findings: SyntaxFinding[] = [];
  const parser = parserOf(text, new Listener(findings));
  try {
    parser.parse(0);
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    if (stop.finding !== undefined) findings.push(stop.finding);
  }
  return findings;
}

interface Machines {
  readonly vocabulary: Vocabulary;
  readonly lexer: ReturnType<ATNDeserializer['deserialize']>;
  readonly parser: ReturnType<ATNDeserializer['deserialize']>;
}

let machines: Machines | undefined;

function parserOf(text: string, listener: Listener): ParserInterpreter {
  machines ??= {
    vocabulary: new Vocabulary(grammar.literalNames, grammar.symbolicNames, null),
    lexer: new ATNDeserializer().deserialize(grammar.lexer.machine),
    parser: new ATNDeserializer().deserialize(grammar.parser.machine),
  };
  const lexer = new LexerInterpreter(
    'CEL.g4',
    machines.vocabulary,
    grammar.lexer.rules,
    ['DEFAULT_TOKEN_CHANNEL', 'HIDDEN'],
    ['DEFAULT_MODE'],
    machines.lexer,
    CharStream.fromString(text),
  );
  const parser = new ParserInterpreter(
    'CEL.g4',
    machines.vocabulary,
    grammar.parser.rules,
    machines.parser,
    new CommonTokenStream(lexer),
  );
  for (const recognizer of [lexer, parser]) {
    recognizer.removeErrorListeners();
    recognizer.addErrorListener(listener);
  }
  parser.errorHandler = new BoundedRecovery();
  return parser;
}

/** Words that are tokens are reported as such where a name has to stand. */
const keyword = /no viable alternative at input '.(true|false|null)'/g;

class Listener extends BaseErrorListener {
  readonly #findings: SyntaxFinding[];

  constructor(findings: SyntaxFinding[]) {
    super();
    this.#findings = findings;
  }

  override syntaxError(
    _recognizer: unknown,
    _symbol: unknown,
    line: number,
    column: number,
    found: string,
  ): void {
    const isMore = this.#findings.length >= findingsMax;
    const message = isMore ? `More than ${findingsMax} syntax errors` : found;
    this.#findings.push({
      line,
      column,
      message: message.replace(keyword, "mismatched input '$1' expecting IDENTIFIER"),
    });
    if (isMore) throw new Stop();
  }
}

class BoundedRecovery extends DefaultErrorStrategy {
  #recoveries = 0;
  #skippedTokens = 0;

  override recover(recognizer: Parser, error: RecognitionException): void {
    this.#count(recognizer);
    this.#skippedTokens = 0;
    super.recover(recognizer, error);
  }

  override recoverInline(recognizer: Parser): Token {
    this.#count(recognizer);
    return super.recoverInline(recognizer);
  }

  override consumeUntil(recognizer: Parser, follow: IntervalSet): void {
    for (
      let type = recognizer.inputStream.LA(1);
      type !== Token.EOF && !follow.contains(type);
      type = recognizer.inputStream.LA(1)
    ) {
      if (this.#skippedTokens++ >= skippedTokensMax) {
        throw new Stop({ message: `error recovery token lookahead limit exceeded: ${skippedTokensMax}` });
      }
      recognizer.consume();
    }
  }

  #count(recognizer: Parser): void {
    if (this.#recoveries++ < recoveriesMax) return;
    recognizer.notifyErrorListeners(`error recovery attempt limit exceeded: ${recoveriesMax}`, null, null);
    throw new Stop();
  }
}
