"""The tools that there are: ours and the team's, with what `tertulia.toml` sets for them."""

from bot.concerns import HomeSettings
from bot.settings import environment_value
from bot.structure import Structure
from pipelines.tool_files import Toolbox, all_tools, with_settings


def toolbox(home: HomeSettings) -> Toolbox:
    """Every tool that can be called, and what the others lack.

    Raises:
        ToolFilesError: files of tools are wrong.
        ToolSettingsError: what is set for tools is wrong.
        StructureError: `tertulia.toml` cannot be read.
    """
    tables = Structure(home.structure).tools()
    return with_settings(all_tools(home.tools, tables), tables, environment_value)
