/** The API server's arguments about who a caller is. */

import { file, toggle } from '../argument.ts';

export const authenticationArguments = {
  'anonymous-auth': toggle(
    'Whether requests without credentials are served, as system:anonymous. Default true.',
  ),
  'token-auth-file': file('CSV of static bearer tokens: token, user name, UID and, quoted, groups.'),
};
