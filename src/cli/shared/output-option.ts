/** The `-o` option of commands that print objects. */

import { Option } from 'commander';

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how it is printed').choices(['text', 'json']).default('text');
}
