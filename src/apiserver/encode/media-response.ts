/** A parsed answer as JSON (indented on request) or YAML. */

import type { ApiResponse } from '#client/transport.ts';
import { toYaml } from '#wire/yaml.ts';
import { jsonResponse, textResponse } from './json-response.ts';
import type { Format } from './negotiate.ts';

export function mediaResponse(
  status: number,
  value: unknown,
  format: Format,
  query: URLSearchParams,
): ApiResponse {
  if (format.media === 'yaml') return textResponse(status, toYaml(value), 'application/yaml');
  const pretty = query.get('pretty');
  if (pretty === null || pretty === '0' || pretty === 'false') return jsonResponse(status, value);
  return textResponse(status, JSON.stringify(value, undefined, 2), 'application/json');
}
