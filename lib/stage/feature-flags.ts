// Behaviours of the CDK that this project asks for: what its own release recommends for new projects, and where we
// differ. They live here rather than in cdk.json, because the app is also run without the CLI (offline, and in
// tests) and has to give the same templates there.

import { STRICT_CFN_VALIDATE_ERRORS } from 'aws-cdk-lib/cx-api';
import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

export const featureFlags = {
  ...recommended,
  // A table that a function still uses cannot be removed by slip; weak references would let it go.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  // What the library finds wrong with a template fails synthesis, as recommended; a mere warning does too, of a
  // template as of a construct.
  [STRICT_CFN_VALIDATE_ERRORS]: true,
} as const;
