/** Where the tests' people keep their tokens. */
export const ANNAS_SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:millrace/anna-AbCdEf';
export const BENS_SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:millrace/ben-GhIjKl';
