/** The API server's arguments of authentication. */

import { choice, durationMs, file, files, list, map, text, toggle } from '../argument.ts';

export const authenticationArguments = {
  'anonymous-auth': toggle(
    'Whether requests without credentials are served, as system:anonymous. Default true.',
  ),
  'api-audiences': list(
    'The audiences of the API server, one of which a token must have. Default: the issuers of ServiceAccount tokens.',
  ),
  'authentication-config': file(
    'AuthenticationConfiguration of apiserver.config.k8s.io: trusted issuers of JSON Web Tokens, and anonymous access. Read again when it changes.',
  ),
  'authentication-token-webhook-cache-ttl': durationMs(
    'How long the webhook’s answers are cached. Default 2m.',
  ),
  'authentication-token-webhook-config-file': file(
    'Kubeconfig of a webhook that authenticates, by a TokenReview, tokens that are not known otherwise.',
  ),
  'authentication-token-webhook-version': choice('The version of that TokenReview. Default v1beta1.', [
    'v1beta1',
    'v1',
  ]),
  'enable-bootstrap-token-auth': toggle(
    'Whether Secrets of type bootstrap.kubernetes.io/token in kube-system authenticate. Default: true with a real node, as kubeadm sets it.',
  ),
  'oidc-ca-file': file('Authorities of the issuer, PEM. Default: those of the machine.'),
  'oidc-client-id': text('The audience that a token of the issuer must have.'),
  'oidc-groups-claim': text('The claim with the groups of the user.'),
  'oidc-groups-prefix': text('Before each group. Default none.'),
  'oidc-issuer-url': text('An issuer of JSON Web Tokens that is trusted; https.'),
  'oidc-required-claim': map('Claims that a token must have, with their values.'),
  'oidc-signing-algs': list('Accepted algorithms. Default RS256.'),
  'oidc-username-claim': text('The claim with the name of the user. Default sub.'),
  'oidc-username-prefix': text(
    'Before the name; "-" for none. Default: the issuer and #, and none for the claim email.',
  ),
  'requestheader-allowed-names': list(
    'Common names of proxies that may set the headers with the user. Default front-proxy-client; empty: every proxy.',
  ),
  'requestheader-client-ca-file': file(
    'Authorities of such proxies, PEM. Read again when it changes. Default: an authority of the cluster itself.',
  ),
  'requestheader-extra-headers-prefix': list('Default X-Remote-Extra-.'),
  'requestheader-group-headers': list('Default X-Remote-Group.'),
  'requestheader-uid-headers': list('Default X-Remote-Uid.'),
  'requestheader-username-headers': list('Default X-Remote-User.'),
  'service-account-extend-token-expiration': toggle(
    "Whether a pod's token is valid for a year although it is replaced every hour. Default true.",
  ),
  'service-account-issuer': list(
    'Accepted issuers of ServiceAccount tokens; the first is the issuer of new tokens. Default https://kubernetes.default.svc.cluster.local.',
  ),
  'service-account-jwks-uri': text(
    'The address of the keys in the discovery document. Default: this API server.',
  ),
  'service-account-key-file': files(
    'Keys whose ServiceAccount tokens are accepted, public or private, PEM. Default: the cluster’s own and the signing key.',
  ),
  'service-account-lookup': toggle(
    'Whether a legacy ServiceAccount token must still be in its Secret. Default true.',
  ),
  'service-account-max-token-expiration': durationMs(
    'The longest life of a requested token; longer ones are cut. Default: as requested.',
  ),
  'service-account-signing-key-file': file(
    'The private key of ServiceAccount tokens, PEM. Default: the cluster’s own.',
  ),
  'token-auth-file': file('CSV of static bearer tokens: token, user name, UID and, quoted, groups.'),
};
