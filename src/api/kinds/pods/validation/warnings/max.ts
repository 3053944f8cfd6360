/**
 * Limit of warnings of one kind for a pod: a response cannot carry more, as its headers are limited to some
 * four thousand characters.
 */

export const warningsMax = 256;
