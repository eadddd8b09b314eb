"""What every program here begins with: `import programs` before all else; importing it is all there is to do.

The checkout's own Python and Node.js are found first then, jsii has a folder for its packages, what nobody has foreseen
ends in one line (`last_resort`), Terraform logs no secrets (`terraform_log`), and Node.js starts with what needs it
(`late_constructs`). None of this would do later.
"""

import os

from programs import last_resort, late_constructs, terraform_log
from programs.own_tools import ROOT, own_tools

os.environ.update(own_tools(os.environ, ROOT))
last_resort.install()
late_constructs.install()
terraform_log.switch_off()
