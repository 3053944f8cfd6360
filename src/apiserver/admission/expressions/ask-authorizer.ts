/**
 * What expressions ask by their variable `authorizer`, answered by the server's authorizer, once for each question
 * of a request.
 *
 * An expression cannot wait. Where the authorizer has to ask a webhook, the evaluation is given up, and begun again
 * when the answer is there: whatever is evaluated must be free of effects until then.
 */

import type { AccessAnswer, AccessQuestion } from '#api/cel/library/authorizer.ts';
import { parseFieldSelector } from '#api/selectors/field-selector.ts';
import { parseLabelRequirements } from '#api/selectors/parser.ts';
import { SelectorError } from '#api/selectors/requirement.ts';
import { errorText } from '#base/text/error-text.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../../contract/authorization.ts';

/** Thrown out of an evaluation whose question has no answer yet. */
class Unanswered extends Error {
  readonly answered: Promise<void>;

  constructor(answered: Promise<void>) {
    super('the authorizer has not answered yet');
    this.answered = answered;
  }
}

/** Begun again until all that it asks the authorizer is answered; a promise only where that takes one. */
export function whenAnswered<T>(evaluate: () => T): T | Promise<T> {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return error.answered.then(() => whenAnswered(evaluate));
  }
}

/** The answers to one request's questions, by question. */
const known = new WeakMap<AdmissionAttributes, Map<string, AccessAnswer>>();

export function askAuthorizer(
  authorizer: Authorizer,
  attributes: AdmissionAttributes,
  question: AccessQuestion,
): AccessAnswer {
  const answers = known.get(attributes) ?? new Map<string, AccessAnswer>();
  known.set(attributes, answers);
  const key = JSON.stringify(question);
  const answer = answers.get(key);
  if (answer !== undefined) return answer;
  const decision = authorizer.authorize(attributesOf(question));
  if (!(decision instanceof Promise)) return keep(answers, key, answerOf(decision));
  throw new Unanswered(
    decision.then(answerOf, failedAnswer).then((answer) => {
      keep(answers, key, answer);
    }),
  );
}

function keep(answers: Map<string, AccessAnswer>, key: string, answer: AccessAnswer): AccessAnswer {
  answers.set(key, answer);
  return answer;
}

const answerOf = ({ decision, reason, error = '' }: AuthorizationDecision): AccessAnswer => ({
  isAllowed: decision === 'allow',
  reason,
  error,
});

const failedAnswer = (error: unknown): AccessAnswer => ({
  isAllowed: false,
  reason: '',
  error: errorText(error),
});

const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

function attributesOf(question: AccessQuestion): AuthorizationAttributes {
  const { user, verb } = question;
  if ('path' in question) return { ...nothing, user, verb, isResource: false, path: question.path };
  const { fieldSelector, labelSelector, ...resource } = question;
  return {
    ...resource,
    version: '*',
    isResource: true,
    path: '',
    ...unlessWrong(() =>
      fieldSelector ? { fieldSelector: parseFieldSelector(fieldSelector).requirements } : {},
    ),
    ...unlessWrong(() => (labelSelector ? { labelSelector: parseLabelRequirements(labelSelector) } : {})),
  };
}

/** A selector that cannot be parsed counts as none. */
function unlessWrong<T extends object>(parse: () => T): T | object {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) return {};
    throw error;
  }
}
