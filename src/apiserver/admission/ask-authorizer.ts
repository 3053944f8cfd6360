/** What expressions ask by their variable `authorizer`, answered by the server's authorizer. */

import type { AccessAnswer, AccessQuestion } from '#api/cel/library/authorizer.ts';
import { parseFieldSelector } from '#api/selectors/field-selector.ts';
import { parseLabelRequirements } from '#api/selectors/parser.ts';
import { SelectorError } from '#api/selectors/requirement.ts';
import type { AuthorizationAttributes, Authorizer } from '../contract/authorization.ts';

export function askAuthorizer(authorizer: Authorizer, question: AccessQuestion): AccessAnswer {
  const decision = authorizer.authorize(attributesOf(question));
  // Expressions cannot wait: the built-in authorizers answer from memory.
  if (decision instanceof Promise) {
    return { isAllowed: false, reason: '', error: 'the authorizer does not answer expressions' };
  }
  return { isAllowed: decision.decision === 'allow', reason: decision.reason, error: '' };
}

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
