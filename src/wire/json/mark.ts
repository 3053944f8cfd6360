/**
 * Marks a place in a text of the server's own until the text is read again: a character of no language, which few
 * texts have. Those that have it are to be handled without marks.
 */

export const mark = '\uE000';
