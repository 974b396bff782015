import '@mantine/core/styles.css';
import { StrictMode } from 'react';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { cssVariables, theme } from './layout/theme';
import { SignedIn } from './signing-in/SignedIn';
import { App } from './App';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <BrowserRouter basename={import.meta.env.BASE_URL}>
        <SignedIn>
          <App />
        </SignedIn>
      </BrowserRouter>
    </MantineProvider>
  </StrictMode>,
);
