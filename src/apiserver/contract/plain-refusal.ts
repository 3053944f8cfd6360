/**
 * A refusal that Go's HTTP server, or what upstream builds directly on it, words as plain text: no Status.
 */

export class PlainRefusal extends Error {
  override name = 'PlainRefusal';
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** There is nothing at this path of the server at all. */
export class NoSuchPage extends PlainRefusal {
  constructor() {
    super(404, '404 page not found\n');
  }
}
