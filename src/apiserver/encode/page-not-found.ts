/** What lies at no path of the server at all is answered with plain text, as Go's HTTP server does: no Status. */

import type { ApiResponse } from '#client/transport.ts';
import { textResponse } from './json-response.ts';

export class NoSuchPage extends Error {
  override name = 'NoSuchPage';
}

export function pageNotFound(): ApiResponse {
  return textResponse(404, '404 page not found\n');
}
