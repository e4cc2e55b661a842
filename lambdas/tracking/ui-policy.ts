export const UI_POLICY = "default-src 'self'";
