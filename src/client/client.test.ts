import { openHttps, openInProcess } from '#testing/api-server.ts';
import { clientSuite } from '#testing/client-suite.ts';

clientSuite('client in the process', openInProcess);
clientSuite('client over HTTPS', openHttps);
